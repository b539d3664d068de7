/** Flows: which there are, what one says, and whether a source would do. */
import { call, client } from '@/api/client'

export const fetchFlows = () => call(client.GET('/api/v1/workflows'))

export const fetchFlow = (name: string) =>
  call(client.GET('/api/v1/workflows/{name}', { params: { path: { name } } }))

export const checkFlow = (source: string) =>
  call(client.POST('/api/v1/workflows/check', { body: { source } }))
