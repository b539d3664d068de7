// What the UI knows of a document's elements: their order, how they are filled in, and the words for their values.
import type { Facts, FieldValue } from '@/api/types'

export const KINDS = [
  ['notice', '通知'],
  ['request', '请示'],
  ['reply', '批复'],
  ['report', '报告'],
  ['letter', '函'],
  ['opinion', '意见'],
  ['circular', '通报'],
  ['minutes', '纪要'],
  ['decision', '决定'],
  ['public_notice', '通告'],
  ['announcement', '公告'],
  ['order', '命令'],
  ['communique', '公报'],
  ['bill', '议案'],
  ['resolution', '决议'],
] as const
export const URGENCIES = ['无', '加急', '特急'] as const
export const DIRECTIONS = ['上行', '下行', '平行', '公布'] as const
export const PUBLICITIES = ['主动公开', '依申请公开', '不予公开'] as const

/** Kinds that are published, not sent to somebody. */
const WITHOUT_RECIPIENT = new Set(['公告', '通告', '公报', '决议', '命令', '纪要'])

const WORDS: Record<string, Record<string, string>> = {
  kind: Object.fromEntries(KINDS),
  urgency: { none: '无', urgent: '加急', extra: '特急', extra_urgent: '特急' },
  publicity: { published: '主动公开', on_request: '依申请公开', withheld: '不予公开' },
  direction: { up: '上行', down: '下行', level: '平行', public: '公布' },
}

export type ElementType = 'text' | 'long_text' | 'choice' | 'units' | 'series' | 'unit'

/** One element of a document as a drafter fills it in. Title and body are written on the paper itself. */
export interface Element {
  name: string
  type: ElementType
  options?: readonly string[]
  /** Whether a document of that kind has it. */
  of?: (kind: string) => boolean
}
export const ELEMENTS: readonly Element[] = [
  { name: 'kind', type: 'choice', options: KINDS.map(([, title]) => title) },
  // Kinds that go one way only need not be asked.
  {
    name: 'direction',
    type: 'choice',
    options: DIRECTIONS,
    of: (kind) => kind === '意见' || kind === '通知',
  },
  { name: 'urgency', type: 'choice', options: URGENCIES },
  { name: 'organ', type: 'unit' },
  { name: 'series', type: 'series' },
  { name: 'recipients', type: 'units', of: (kind) => !WITHOUT_RECIPIENT.has(kind) },
  { name: 'recipient_names', type: 'text', of: (kind) => !WITHOUT_RECIPIENT.has(kind) },
  { name: 'cc', type: 'units' },
  { name: 'cc_names', type: 'text' },
  { name: 'countersign_units', type: 'units' },
  { name: 'publicity', type: 'choice', options: PUBLICITIES },
  { name: 'publicity_reason', type: 'text' },
  { name: 'contact', type: 'text' },
  { name: 'note', type: 'text' },
]
/** Fields that are written on the paper. */
export const ON_PAPER = ['title', 'body']

function numberText(value: FieldValue): string {
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    const { code, year, seq } = value
    if (code && year && seq) return `${String(code)}〔${String(year)}〕${String(seq)}号`
  }
  return typeof value === 'string' ? value : ''
}

/** Metadata as facts: values in the words that flows and people use, lists as lists. */
export function factsOf(metadata: Facts): Facts {
  const facts: Facts = {}
  for (const [name, value] of Object.entries(metadata)) {
    if (name === 'number') facts[name] = numberText(value)
    else if (name === 'recipient_names' || name === 'cc_names') {
      facts[name] = Array.isArray(value) ? value.map(String).join('、') : (value ?? '')
    } else {
      const words = WORDS[name]
      facts[name] = words && typeof value === 'string' ? (words[value] ?? value) : value
    }
  }
  return facts
}

export function text(facts: Facts, name: string): string {
  const value = facts[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function list(facts: Facts, name: string): string[] {
  const value = facts[name]
  if (Array.isArray(value))
    return (value as FieldValue[]).filter((one): one is string => typeof one === 'string')
  return typeof value === 'string' && value !== '' ? [value] : []
}

export const blank = (value: FieldValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)

/** `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
