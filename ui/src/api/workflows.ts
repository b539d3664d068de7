/** Flows: which there are, what one says, whether a source would do, and putting it into use. */
import { call, client } from '@/api/client'

export const fetchFlows = () =>
  call(client.GET('/api/v1/workflows', { params: { query: { for: 'any' } } }))

export const fetchFlow = (name: string) =>
  call(client.GET('/api/v1/workflows/{name}', { params: { path: { name } } }))

export const checkFlow = (source: string) =>
  call(client.POST('/api/v1/workflows/check', { body: { source } }))

export const testFlow = (source: string) =>
  call(client.POST('/api/v1/workflows/test', { body: { source } }))

/** `base`: the hash of the version that was changed, null for a flow that is new. */
export const deployFlow = (source: string, reason: string, base: string | null) =>
  call(client.POST('/api/v1/workflows', { body: { source, reason, base } }))
