/** The operations of the HTTP API as openapi-fetch wants them: what each takes and gives. */
import type * as T from './types'

interface Answers<R> {
  200: { headers: Record<string, unknown>; content: { 'application/json': R } }
  default: { headers: Record<string, unknown>; content: { 'application/problem+json': T.Problem } }
}
type Parameters<P, Q> = { header?: never; cookie?: never } & ([P] extends [never]
  ? { path?: never }
  : { path: P }) &
  ([Q] extends [never] ? { query?: never } : object extends Q ? { query?: Q } : { query: Q })

interface Get<R, P = never, Q = never> {
  parameters: Parameters<P, Q>
  requestBody?: never
  responses: Answers<R>
}
interface SendBody<R, B, P> {
  parameters: Parameters<P, never>
  requestBody: { content: { 'application/json': B } }
  responses: Answers<R>
}
type Send<R, B = never, P = never> = [B] extends [never] ? Get<R, P> : SendBody<R, B, P>

type Paged = { limit?: number; after?: string }
type OfCase = { case: T.Id }
type OfDelivery = { id: T.Id }
type OfCaseDelivery = { case: T.Id; id: T.Id }

export interface paths {
  '/api/v1/session': {
    get: Get<T.Session>
    post: Send<T.Session, { person: string; password: string }>
    delete: Send<unknown>
  }
  '/api/v1/session/post': { put: Send<T.Session, { post: T.Id }> }
  '/api/v1/demo/accounts': { get: Get<T.DemoAccount[]> }
  '/api/v1/counts': { get: Get<T.Counts> }
  '/api/v1/notices': { get: Get<T.Page<T.Notice>, never, Paged> }
  '/api/v1/notices/read': { post: Send<unknown> }
  '/api/v1/directory': { get: Get<T.Directory> }
  '/api/v1/workflows': {
    get: Get<T.WorkflowBrief[]>
    post: Send<{ name: string; hash: string }, { source: string; reason: string }>
  }
  '/api/v1/workflows/{name}': { get: Get<T.WorkflowView, { name: string }> }
  '/api/v1/workflows/check': { post: Send<T.FlowCheck, { source: string }> }
  '/api/v1/worklist': {
    get: Get<
      T.Page<T.Row>,
      never,
      Paged & {
        box: T.Box
        q?: string
        urgency?: string
        kind?: string
        due?: string
        unit?: T.Id
        urged?: boolean
        sort?: string
      }
    >
  }
  '/api/v1/cases': { post: Send<T.CaseView, { workflow: string; kind?: string; title?: string }> }
  '/api/v1/cases/{case}': { get: Get<T.CaseView, OfCase> }
  '/api/v1/cases/{case}/changes': { get: Get<T.Changes, OfCase, { since: number }> }
  '/api/v1/cases/{case}/acts': { post: Send<T.CaseView, T.Command, OfCase> }
  '/api/v1/acts/batch': {
    post: Send<{ results: T.BatchResult[] }, { items: T.BatchItem[]; opinion: string }>
  }
  '/api/v1/cases/{case}/working': {
    put: Send<
      { saved_at: T.Time; base: number },
      { fields: T.Facts; body?: T.PMDoc; base: number },
      OfCase
    >
  }
  '/api/v1/cases/{case}/forecast': { get: Get<T.Foreseen[], OfCase> }
  '/api/v1/cases/{case}/attachments/{id}': {
    delete: Send<unknown, never, { case: T.Id; id: T.Id }>
  }
  '/api/v1/cases/{case}/audit': { get: Get<T.AuditEvent[], OfCase> }
  '/api/v1/cases/{case}/audit/verify': { post: Send<T.Verified, never, OfCase> }
  '/api/v1/cases/{case}/deliveries': { get: Get<T.Delivery[], OfCase> }
  '/api/v1/cases/{case}/deliveries/{id}/urge': { post: Send<unknown, never, OfCaseDelivery> }
  '/api/v1/cases/{case}/deliveries/{id}/withdraw': {
    post: Send<unknown, { reason: string }, OfCaseDelivery>
  }
  '/api/v1/deliveries': {
    get: Get<T.Page<T.Delivery>, never, Paged & { side?: 'in' | 'out'; state?: T.DeliveryState }>
  }
  '/api/v1/deliveries/{id}/sign': { post: Send<unknown, never, OfDelivery> }
  '/api/v1/deliveries/{id}/return': { post: Send<unknown, { reason: string }, OfDelivery> }
  '/api/v1/deliveries/{id}/register': {
    post: Send<T.CaseView, { workflow: string; series_number?: string }, OfDelivery>
  }
  '/api/v1/deliveries/sign': {
    post: Send<
      { results: { id: T.Id; ok: boolean; code?: string; detail?: string }[] },
      { ids: T.Id[] }
    >
  }
  '/api/v1/series': { get: Get<T.Series[]> }
  '/api/v1/series/{id}/preview': { get: Get<{ number: string }, { id: T.Id }, { year?: number }> }
  '/api/v1/cases/{case}/links': { post: Send<unknown, { other: T.Id; kind: 'answers' }, OfCase> }
  '/api/v1/search': { get: Get<T.Page<T.Hit>, never, Paged & { q: string; kind?: string }> }
  '/api/v1/phrases': {
    get: Get<{ common: string[]; own: string[] }>
    put: Send<unknown, { own: string[] }>
  }
  '/api/v1/oversight': {
    get: Get<T.Page<T.OversightRow>, never, Paged & { state?: string; q?: string }>
  }
}
