/** One page of work: its query, and what may be approved from the list without opening it. */
import { call, client } from '@/api/client'
import type { Box, Row } from '@/api/types'
import type { Filters } from '@/stores/preferences'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'

export function useRows(box: Ref<Box>, filters: Ref<Filters>, text: Ref<string>) {
  const query = useInfiniteQuery({
    queryKey: ['worklist', box, filters, text],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      call(
        client.GET('/api/v1/worklist', {
          params: {
            query: {
              box: box.value,
              ...filters.value,
              ...(text.value ? { q: text.value } : {}),
              ...(pageParam ? { after: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    // Another filter on the same list keeps what is shown until its answer is there.
    placeholderData: (shown, of) => (of?.queryKey[1] === box.value ? shown : undefined),
  })
  const rows = computed<Row[]>(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const total = computed(() => query.data.value?.pages[0]?.total ?? null)
  return { ...query, rows, total }
}

/** A row is one task, or one case where no task is meant. */
export function keyOf(row: Row): string {
  return `${row.case}:${row.task ?? ''}`
}

export type Bar = 'no_task' | 'changed' | 'needs_input'

/** Why a row cannot be approved from the list; null when it can. */
export function barred(row: Row): Bar | null {
  if (row.task === null) return 'no_task'
  if (row.changed) return 'changed'
  if (row.needs_input) return 'needs_input'
  return null
}
