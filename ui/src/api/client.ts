/**
 * The one door to the server. Adds the CSRF token and an idempotency key, turns problem+json into `Refusal`, and when
 * the session has expired has the person sign in again and then sends the same request once more, so that the page
 * keeps what was typed. Leaves caching to Vue Query.
 */
import createClient from 'openapi-fetch'
import type { paths } from './paths'
import { offline, refusalOf } from './problem'

interface Keys {
  csrf: () => string | null
  /** Asks the person to sign in again; false when they went away instead. */
  signInAgain: () => Promise<boolean>
  /** Fetches the session anew when the token no longer fits. */
  refresh: () => Promise<void>
}

let keys: Keys = { csrf: () => null, signInAgain: async () => false, refresh: async () => {} }

/** Called once by the session store, which alone knows who is signed in. */
export function useKeys(of: Keys) {
  keys = of
}

const SESSION = '/api/v1/session'

function isSafe(method: string) {
  return method === 'GET' || method === 'HEAD'
}

function freshKey(): string {
  // randomUUID is missing where the page came over plain http from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function problemCode(response: Response): Promise<string | null> {
  try {
    const body = (await response.clone().json()) as { code?: string }
    return body.code ?? null
  } catch {
    return null
  }
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw offline()
  }
}

function withToken(request: Request): Request {
  const again = request.clone()
  const csrf = keys.csrf()
  if (!isSafe(again.method) && csrf) again.headers.set('X-CSRF-Token', csrf)
  return again
}

/** `fetch` as the whole UI uses it; also for uploads and files, which openapi-fetch has no types for. */
export async function guardedFetch(
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init)
  const path = new URL(request.url, location.href).pathname
  if (!isSafe(request.method) && !request.headers.has('Idempotency-Key')) {
    request.headers.set('Idempotency-Key', freshKey())
  }
  const response = await send(withToken(request))
  if (path === SESSION) return response
  if (response.status === 401 && (await keys.signInAgain())) return send(withToken(request))
  if (response.status === 403 && (await problemCode(response)) === 'csrf') {
    await keys.refresh()
    return send(withToken(request))
  }
  return response
}

export const client = createClient<paths>({ baseUrl: location.origin, fetch: guardedFetch })

/** Gives the data of an answer, or throws the `Refusal`. */
export async function call<R>(
  answer: Promise<{ data?: R; error?: unknown; response: Response }>,
): Promise<R> {
  const { data, error, response } = await answer
  if (!response.ok) throw refusalOf(response.status, error)
  return data as R
}

/** The same for a plain fetch, e.g. an upload. */
export async function callJson<R>(input: string, init?: RequestInit): Promise<R> {
  const response = await guardedFetch(new URL(input, location.origin), init)
  const text = await response.text()
  const body: unknown = text ? safeJson(text) : null
  if (!response.ok) throw refusalOf(response.status, body)
  return body as R
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
