/**
 * The operations of the HTTP API as openapi-fetch wants them: those of schema.d.ts, which is generated from
 * docs/openapi.json, in the shapes that the pages know. The idempotency key is left out: `client` adds it to everything.
 */
import type { paths as Generated } from './schema'
import type { Answered, Asked } from './shape'

type Answers<R> = {
  [Status in keyof R]: R[Status] extends { content: infer C }
    ? { headers: Record<string, unknown>; content: { [Media in keyof C]: Answered<C[Media]> } }
    : R[Status]
}
type Body<B> = B extends { content: infer C }
  ? { content: { [Media in keyof C]: Asked<C[Media]> } }
  : B
type Operation<O> = O extends { parameters: infer P; responses: infer R }
  ? Omit<O, 'parameters' | 'responses' | 'requestBody'> & {
      parameters: Omit<P, 'header'> & { header?: never }
      responses: Answers<R>
    } & (O extends { requestBody: infer B } ? { requestBody: Body<B> } : { requestBody?: never })
  : O

export type paths = {
  [Path in keyof Generated]: {
    [Method in keyof Generated[Path]]: Operation<Generated[Path][Method]>
  }
}
