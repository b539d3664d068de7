/**
 * What the schema of the flow file says of a place: which keys, which values, what each means. The schema is made by the
 * core and explains itself in Chinese; nothing is explained here a second time.
 */
import type { Rung } from './place'

export interface Rule {
  type?: string | string[]
  description?: string
  properties?: Record<string, Rule>
  additionalProperties?: boolean | Rule
  required?: string[]
  items?: Rule
  enum?: unknown[]
  const?: unknown
  oneOf?: Rule[]
  anyOf?: Rule[]
  examples?: unknown[]
  $ref?: string
  $defs?: Record<string, Rule>
  'x-values'?: string
  'x-insert'?: string
}

/** A rule and all that it may stand for; what is said where it is used comes before what is said where it is defined. */
function meant(root: Rule, rule: Rule | undefined): Rule[] {
  if (!rule) return []
  const target = rule.$ref ? root.$defs?.[rule.$ref.replace('#/$defs/', '')] : undefined
  return [
    rule,
    ...meant(root, target),
    ...[...(rule.oneOf ?? []), ...(rule.anyOf ?? [])].flatMap((one) => meant(root, one)),
  ]
}

function under(root: Rule, rules: Rule[], rung: Rung): Rule[] {
  return rules.flatMap((rule) => {
    if (rung === 0) return meant(root, rule.items)
    const named = rule.properties?.[rung]
    if (named) return meant(root, named)
    const other = rule.additionalProperties
    return other && typeof other === 'object' ? meant(root, other) : []
  })
}

/** The rules for the place that `path` leads to. */
export function rulesAt(root: Rule, path: readonly Rung[]): Rule[] {
  let rules = meant(root, root)
  for (const rung of path) rules = under(root, rules, rung)
  return rules
}

/** Of the kinds of mapping that may stand here, those that have all the keys written so far. */
export function fitting(rules: Rule[], written: ReadonlySet<string>): Rule[] {
  const kinds = rules.filter((rule) => rule.properties)
  const fit = kinds.filter((rule) => [...written].every((key) => rule.properties?.[key]))
  return fit.length > 0 ? fit : kinds
}

export interface KeyOption {
  key: string
  means: string
  required: boolean
  /** A list of mappings goes below the key, not behind it. */
  block: boolean
}

/** The keys that may be written beside those that are. */
export function keysAt(
  root: Rule,
  path: readonly Rung[],
  written: ReadonlySet<string>,
): KeyOption[] {
  const found = new Map<string, KeyOption>()
  for (const rule of fitting(rulesAt(root, path), written)) {
    for (const [key, property] of Object.entries(rule.properties ?? {})) {
      if (written.has(key) || found.has(key)) continue
      const rules = meant(root, property)
      found.set(key, {
        key,
        means: meaning(rules),
        required: rule.required?.includes(key) ?? false,
        block:
          key === 'steps' ||
          key === 'tests' ||
          key === 'play' ||
          key === 'choose' ||
          key === 'parallel',
      })
    }
  }
  return [...found.values()]
}

export interface ValueOption {
  value: string
  means: string
  /** What to insert instead, with `${…}` to be overwritten. */
  insert?: string
}

/** The values that the schema itself names for a place. */
export function valuesAt(root: Rule, path: readonly Rung[]): ValueOption[] {
  const rules = rulesAt(root, path)
  const found = new Map<string, ValueOption>()
  const put = (option: ValueOption) => {
    if (!found.has(option.value)) found.set(option.value, option)
  }
  for (const rule of rules) {
    if (rule.const !== undefined) put({ value: String(rule.const), means: rule.description ?? '' })
    for (const one of rule.enum ?? []) put({ value: String(one), means: '' })
    if (rule.type === 'boolean') {
      put({ value: 'true', means: '' })
      put({ value: 'false', means: '' })
    }
    for (const one of rule.examples ?? []) put({ value: String(one), means: '' })
    const insert = rule['x-insert']
    if (insert?.startsWith('{')) {
      const value = /\{ (\w+)/.exec(insert)?.[1] ?? insert
      put({ value, means: rule.description ?? '', insert })
    }
  }
  return [...found.values()]
}

/** Blocks that an item of a list may begin as. */
export function beginningsAt(root: Rule, path: readonly Rung[]): ValueOption[] {
  return rulesAt(root, path).flatMap((rule) => {
    const insert = rule['x-insert']
    if (!insert || insert.startsWith('{')) return []
    return [
      {
        value: (rule.description ?? '').split(/[：；。]/)[0] ?? '',
        means: rule.description ?? '',
        insert,
      },
    ]
  })
}

/** The list that fills in a value here. */
export const listAt = (root: Rule, path: readonly Rung[]) =>
  rulesAt(root, path).find((rule) => rule['x-values'])?.['x-values'] ?? null

export const meaning = (rules: readonly Rule[]) =>
  rules.find((rule) => rule.description)?.description ?? ''

/** What a key means where it stands. */
export function keyMeaning(
  root: Rule,
  path: readonly Rung[],
  written: ReadonlySet<string>,
  key: string,
): string {
  const kinds = fitting(rulesAt(root, path), new Set([...written, key]))
  for (const kind of kinds) {
    const property = kind.properties?.[key]
    if (property) return meaning(meant(root, property))
  }
  return meaning(under(root, rulesAt(root, path), key))
}

/** Its first sentence, to stand beside the key. */
export const shortly = (means: string) => means.split(/[：；。，]/)[0] ?? ''
