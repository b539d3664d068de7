/** Lists that come page by page: one shape for all of them, which the list components show. */
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, reactive, toValue, type MaybeRefOrGetter } from 'vue'

export interface Page<T> {
  items: T[]
  next?: string | null
  total?: number | null
}

export interface Listing<T> {
  items: T[]
  /** How many there are on the server, where it says so. */
  total: number | null
  /** Nothing is known yet. */
  pending: boolean
  error: unknown
  hasMore: boolean
  fetching: boolean
  more: () => void
  again: () => void
}

interface Source<T> {
  /** What the list depends on; refs in it are followed. */
  key: readonly unknown[]
  fetch: (from: { after?: string }) => Promise<Page<T>>
  enabled?: MaybeRefOrGetter<boolean>
  /** Whether what is shown may stay until the answer to another question is there; told the key of what is shown. */
  keep?: (shownKey: readonly unknown[]) => boolean
}

export function useListing<T>(source: Source<T>): Listing<T> {
  const query = useInfiniteQuery({
    queryKey: source.key,
    initialPageParam: '',
    queryFn: ({ pageParam }) => source.fetch(pageParam ? { after: pageParam } : {}),
    getNextPageParam: (last: Page<T>) => last.next ?? undefined,
    enabled: () => toValue(source.enabled ?? true),
    placeholderData: (shown, of) => (of && source.keep?.(of.queryKey) ? shown : undefined),
  })
  const pages = computed(() => query.data.value?.pages ?? [])
  return reactive({
    items: computed(() => pages.value.flatMap((page) => page.items)),
    total: computed(() => pages.value[0]?.total ?? null),
    // Waiting to be asked is not loading.
    pending: computed(() => query.isPending.value && query.fetchStatus.value !== 'idle'),
    error: computed(() => (pages.value.length ? null : query.error.value)),
    hasMore: computed(() => query.hasNextPage.value),
    fetching: computed(() => query.isFetchingNextPage.value),
    more: () => void query.fetchNextPage(),
    again: () => void query.refetch(),
  }) as Listing<T>
}

/** The same list with its items taken together or left out. */
export function regrouped<T, U>(list: Listing<T>, regroup: (items: T[]) => U[]): Listing<U> {
  const items = computed(() => regroup(list.items))
  return reactive({
    items,
    total: computed(() => list.total),
    pending: computed(() => list.pending),
    error: computed(() => list.error),
    hasMore: computed(() => list.hasMore),
    fetching: computed(() => list.fetching),
    more: list.more,
    again: list.again,
  }) as Listing<U>
}

/** A list that came whole with one query. */
export function whole<T>(query: {
  items: MaybeRefOrGetter<T[] | undefined>
  error: MaybeRefOrGetter<unknown>
  again: () => void
}): Listing<T> {
  return reactive({
    items: computed(() => toValue(query.items) ?? []),
    total: computed(() => toValue(query.items)?.length ?? null),
    pending: computed(() => toValue(query.items) === undefined && !toValue(query.error)),
    error: computed(() => (toValue(query.items) ? null : toValue(query.error))),
    hasMore: false,
    fetching: false,
    more: () => undefined,
    again: query.again,
  }) as Listing<T>
}
