/** A refusal or a trouble, as the pages see it: a stable code, and what to tell the person in Chinese. */
import type { Problem } from './types'

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly facts: Record<string, unknown>

  constructor(problem: Problem) {
    super(problem.detail || problem.title || wordsFor(problem.status))
    this.name = 'Refusal'
    this.status = problem.status
    this.code = problem.code
    this.facts = problem.facts ?? {}
  }

  /** Whether asking again later may help without changing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 429
  }

  /** After how many milliseconds the server would be asked again, if it said so. */
  get wait(): number | null {
    const seconds = this.facts.retry_after
    return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null
  }
}

export const offline = () =>
  new Refusal({
    status: 0,
    code: 'offline',
    detail: '连接不上服务器，请检查网络后重试。您的输入仍保留在本页。',
  })

function wordsFor(status: number): string {
  if (status === 404) return '没有找到，或者您无权查看。'
  if (status === 401) return '登录已失效，请重新登录。'
  if (status === 403) return '您没有权限这样做。'
  if (status >= 500) return '系统暂时出了问题，请稍后重试。问题持续时请联系管理员。'
  return '操作没有成功，请检查后重试。'
}

/** Reads an answer's body as a problem, whatever a proxy in between made of it. */
export function refusalOf(status: number, body: unknown): Refusal {
  if (body && typeof body === 'object' && 'code' in body) {
    return new Refusal({ ...(body as Problem), status })
  }
  return new Refusal({ status, code: `http_${status}` })
}

/** What to tell the person about anything thrown. */
export function words(error: unknown): string {
  if (error instanceof Refusal) return error.message
  return '页面出了问题，请刷新后重试。'
}
