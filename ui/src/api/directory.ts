/**
 * The organisation as it stands. Units are few and come whole; people are looked for where they are needed, by words,
 * by id or by the post that they hold. A part of a page may be of another office than one's own, e.g. a trial in the
 * sample office.
 */
import { call, client } from '@/api/client'
import type { Directory, PersonBrief, Unit } from '@/api/types'
import { initials } from '@/lib/pinyin'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, inject, provide, toValue, type InjectionKey, type MaybeRefOrGetter } from 'vue'

export interface PeopleWanted {
  q?: string
  /** Those of this unit come first. */
  unit?: string
  ids?: string
  posts?: string
  /** Also those who hold no post. */
  postless?: boolean
}
export interface People {
  items: PersonBrief[]
  more: number
}
/** Where units and people come from. */
export interface Office {
  key: string
  units: () => Promise<Unit[]>
  people: (wanted: PeopleWanted) => Promise<People>
}

const LIMIT = 60
/** For tests; pages use `provideOffice`. */
export const OFFICE: InjectionKey<MaybeRefOrGetter<Office>> = Symbol('office')

/** That of the server, as it stands. */
export const ownOffice: Office = {
  key: 'today',
  units: async () => (await call(client.GET('/api/v1/directory/units'))).units,
  people: (wanted) => call(client.GET('/api/v1/directory/people', { params: { query: wanted } })),
}

/** An office that is known whole. */
export function officeOf(key: string, directory: () => Promise<Directory>): Office {
  return {
    key,
    units: async () => (await directory()).units,
    async people({ q = '', unit = '', ids, posts, postless = false }) {
      const { people, units } = await directory()
      const of = (list: string) => new Set(list.split(','))
      if (ids !== undefined) {
        return { items: people.filter((one) => of(ids).has(one.id)), more: 0 }
      }
      if (posts !== undefined) {
        const held = (one: PersonBrief) => one.posts.some((post) => of(posts).has(post.post))
        return { items: people.filter(held), more: 0 }
      }
      const short = new Map(units.map((one) => [one.id, one.short]))
      const words = q.toLowerCase().split(/\s+/).filter(Boolean)
      const told = (one: PersonBrief) =>
        [
          one.name,
          one.initials,
          one.pinyin.replaceAll(' ', ''),
          ...one.posts.map((post) => {
            const place = short.get(post.unit) ?? ''
            return `${place} ${post.title} ${initials(place)}`
          }),
        ]
          .join('\n')
          .toLowerCase()
      const found = people
        .filter((one) => postless || one.posts.length > 0)
        .filter((one) => words.every((word) => told(one).includes(word)))
      const here = (one: PersonBrief) => Number(one.posts.some((post) => post.unit === unit))
      found.sort((a, b) => here(b) - here(a))
      return { items: found.slice(0, LIMIT), more: Math.max(0, found.length - LIMIT) }
    },
  }
}

/** The part of the page below is of this office. */
export const provideOffice = (office: MaybeRefOrGetter<Office>) => provide(OFFICE, office)

function useOffice() {
  const office = inject(OFFICE, ownOffice)
  return computed(() => toValue(office))
}

export function useUnits() {
  const office = useOffice()
  const query = useQuery({
    queryKey: computed(() => ['directory', 'units', office.value.key]),
    queryFn: () => office.value.units(),
    staleTime: 5 * 60_000,
  })
  const units = computed(() => query.data.value ?? [])
  const byId = computed(() => new Map<string, Unit>(units.value.map((unit) => [unit.id, unit])))
  /** The short name of a unit; a unit that is gone keeps its id, so that nothing chosen is hidden, but none is shown while names are on the way. */
  const gone = (id: string) => (query.data.value || query.error.value ? id : '')
  const unitName = (id: string) => byId.value.get(id)?.short ?? gone(id)
  const unitFullName = (id: string) => byId.value.get(id)?.name ?? gone(id)
  return { query, units, unitName, unitFullName }
}

/** People that fit, as many as are of use. */
export function usePeople(wanted: MaybeRefOrGetter<PeopleWanted>, enabled?: () => boolean) {
  const office = useOffice()
  const query = useQuery({
    queryKey: computed(() => ['directory', 'people', office.value.key, toValue(wanted)]),
    queryFn: () => office.value.people(toValue(wanted)),
    enabled,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })
  return {
    query,
    people: computed(() => query.data.value?.items ?? []),
    more: computed(() => query.data.value?.more ?? 0),
  }
}

/** Names behind ids. */
export function useNames(ids: MaybeRefOrGetter<readonly string[]>) {
  const wanted = computed(() => [...new Set(toValue(ids))].sort())
  const { people, query } = usePeople(
    () => ({ ids: wanted.value.join(',') }),
    () => wanted.value.length > 0,
  )
  const names = computed(() => new Map(people.value.map((person) => [person.id, person])))
  const personName = (id: string) => names.value.get(id)?.name ?? id
  return { personName, person: (id: string) => names.value.get(id), query }
}
