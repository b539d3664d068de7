/** Phrases for opinions: the office's common ones and a person's own. */
import { call, client } from '@/api/client'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'

export function usePhrases() {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['phrases'],
    queryFn: () => call(client.GET('/api/v1/phrases')),
    staleTime: 5 * 60_000,
  })
  const common = computed(() => query.data.value?.common ?? [])
  const own = computed(() => query.data.value?.own ?? [])

  async function keep(phrases: string[]) {
    await call(client.PUT('/api/v1/phrases', { body: { own: phrases } }))
    await queries.invalidateQueries({ queryKey: ['phrases'] })
  }
  return { common, own, keep }
}
