/** How long what the server said is believed, and which troubles are worth asking again. */
import { QueryClient } from '@tanstack/vue-query'
import { Refusal } from './api/problem'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retry: (times, error) => times < 2 && error instanceof Refusal && error.passing,
    },
    mutations: { retry: false },
  },
})
