import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, callJson, client, useKeys } from './client'
import { Refusal } from './problem'

type Answer = [status: number, body: unknown]
let asked: Request[] = []

function answering(...answers: Answer[]) {
  asked = []
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request.clone())
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, null]
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json' },
    })
  })
}

const problem = (code: string, detail = '不行。') => ({ code, detail, facts: { step: '会签' } })
const approve = () =>
  call(
    client.POST('/api/v1/cases/{case}/acts', {
      params: { path: { case: 'c1' } },
      body: { act: 'complete', task: 3, outcome: 'approved', opinion: '同意。' },
    }),
  )
let csrf = 'first'
let again = vi.fn(async () => true)

beforeEach(() => {
  csrf = 'first'
  again = vi.fn(async () => {
    csrf = 'second'
    return true
  })
  useKeys({
    csrf: () => csrf,
    signInAgain: () => again(),
    refresh: async () => {
      csrf = 'fresh'
    },
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('the door to the server', () => {
  it('sends the token and a key with what changes something, and neither with reading', async () => {
    answering([200, {}])
    await approve()
    await call(client.GET('/api/v1/counts'))
    expect(asked[0]?.headers.get('X-CSRF-Token')).toBe('first')
    expect(asked[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/)
    expect(asked[1]?.headers.get('X-CSRF-Token')).toBeNull()
    expect(asked[1]?.headers.get('Idempotency-Key')).toBeNull()
  })

  it('makes a refusal of a problem, with its code, words and facts', async () => {
    answering([409, problem('task_closed', '该待办已由王敏办理。')])
    const refusal = await approve().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({ status: 409, code: 'task_closed', facts: { step: '会签' } })
    expect((refusal as Refusal).message).toBe('该待办已由王敏办理。')
  })

  it('says in words that one asks too often, and after how long one may again', async () => {
    const words = '您的请求过于频繁，这一次没有执行。请在3秒后再试；此前已办的事项不受影响。'
    answering([429, { code: 'slow_down', detail: words, facts: { retry_after: 3 } }])
    const refused = await approve().catch((error: unknown) => error as Refusal)
    expect(refused).toMatchObject({ status: 429, code: 'slow_down', message: words, wait: 3000 })
    expect(asked).toHaveLength(1)
  })

  it('has the person sign in again and sends the same request with the same key', async () => {
    answering([401, problem('not_signed_in')], [200, { id: 'c1' }])
    await expect(approve()).resolves.toEqual({ id: 'c1' })
    expect(again).toHaveBeenCalledOnce()
    const [first, second] = asked
    expect(second?.headers.get('Idempotency-Key')).toBe(first?.headers.get('Idempotency-Key'))
    expect(second?.headers.get('X-CSRF-Token')).toBe('second')
    expect(await second?.text()).toBe(await first?.text())
  })

  it('gives up when they do not sign in', async () => {
    again = vi.fn(async () => false)
    answering([401, problem('not_signed_in')])
    await expect(approve()).rejects.toMatchObject({ status: 401 })
    expect(asked).toHaveLength(1)
  })

  it('fetches a new token once when the old one no longer fits', async () => {
    answering([403, problem('csrf')], [200, {}])
    await approve()
    expect(asked[1]?.headers.get('X-CSRF-Token')).toBe('fresh')
    answering([403, problem('not_an_administrator')])
    await expect(approve()).rejects.toMatchObject({ code: 'not_an_administrator' })
    expect(asked).toHaveLength(1)
  })

  it('says that it cannot reach the server, and copes with an answer that is no JSON', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch')
    })
    await expect(approve()).rejects.toMatchObject({ code: 'offline', passing: true })
    vi.stubGlobal('fetch', async () => new Response('<html>502</html>', { status: 502 }))
    await expect(callJson('/api/v1/x')).rejects.toMatchObject({ code: 'http_502' })
  })
})
