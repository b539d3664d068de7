/** How long what the server said is believed, which troubles are worth asking again, and after how long. */
import { QueryClient } from '@tanstack/vue-query'
import { Refusal } from './api/problem'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retryDelay: (times, error) =>
        (error instanceof Refusal && error.wait) || Math.min(1000 * 2 ** times, 30_000),
      retry: (times, error) => times < 2 && error instanceof Refusal && error.passing,
    },
    mutations: { retry: false },
  },
})
