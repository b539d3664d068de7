/**
 * How the generated shapes of schema.d.ts read in TypeScript. Knows two things that OpenAPI cannot say: an answer names
 * every key (what is optional there is null), and what the documents and fields inside it are made of.
 */

/** ProseMirror's JSON. */
export interface PMNode {
  type: string
  attrs?: Record<string, unknown>
  content?: PMNode[]
  marks?: { type: string; attrs?: Record<string, unknown> }[]
  text?: string
}
export type PMDoc = PMNode

export type FieldValue =
  string | number | boolean | null | string[] | FieldValue[] | { [key: string]: FieldValue }
export type Facts = Record<string, FieldValue>

/** An object of which the specification says nothing: a text under `body`, field values anywhere else. */
type Opaque<K, V> = K extends 'body'
  ? PMDoc | Extract<V, null | undefined>
  : Facts | Extract<V, null | undefined>
type IsOpaque<V> =
  NonNullable<V> extends infer O
    ? string extends keyof O
      ? unknown extends O[keyof O]
        ? true
        : false
      : false
    : false

type Value<K, V, A> = unknown extends V
  ? FieldValue
  : true extends IsOpaque<V>
    ? Opaque<K, V>
    : A extends true
      ? Answered<V>
      : Asked<V>

/** What the server answers. */
export type Answered<T> = T extends (infer E)[]
  ? Answered<E>[]
  : T extends object
    ? {
        [K in keyof T as null extends T[K] ? K : never]-?: Value<K, Exclude<T[K], undefined>, true>
      } & {
        [K in keyof T as null extends T[K] ? never : K]: Value<K, T[K], true>
      }
    : T

/** What the server is asked with. */
export type Asked<T> = T extends (infer E)[]
  ? Asked<E>[]
  : T extends object
    ? { [K in keyof T]: Value<K, T[K], false> }
    : T
