/** The organisation as it stands: units, posts, people, for pickers and for names behind ids. */
import { call, client } from '@/api/client'
import type { Unit } from '@/api/types'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'

export function useDirectory() {
  const query = useQuery({
    queryKey: ['directory'],
    queryFn: () => call(client.GET('/api/v1/directory')),
    staleTime: 5 * 60_000,
  })
  const units = computed(() => query.data.value?.units ?? [])
  const people = computed(() => query.data.value?.people ?? [])
  const byId = computed(() => new Map<string, Unit>(units.value.map((unit) => [unit.id, unit])))
  const names = computed(() => new Map(people.value.map((person) => [person.id, person.name])))
  /** The short name of a unit; a unit that is gone keeps its id, so that nothing chosen is hidden. */
  const unitName = (id: string) => byId.value.get(id)?.short ?? id
  const unitFullName = (id: string) => byId.value.get(id)?.name ?? id
  const personName = (id: string) => names.value.get(id) ?? id
  return { query, units, people, unitName, unitFullName, personName }
}
