/** What another version of a flow means, in words: which steps come and go, who has them, what is asked of them. */
import type { Picture } from '@/api/types'
import { t } from '@/i18n'
import { rulesAt, shortly, type Rule } from './editor/rules'
import { spans } from './editor/spans'

export interface Drawn {
  source: string
  picture: Picture
}

/** The keys of a step and what is written behind them, nested lines and all. */
function keysOf(block: string): Map<string, string> {
  const lines = block.split('\n')
  const column = /^\s*(?:-\s+)*/.exec(lines[0] ?? '')?.[0].length ?? 0
  const found = new Map<string, string>()
  let key = ''
  for (const line of lines) {
    const bare = line.slice(column)
    const said = /^([\w-]+):\s*(.*)$/.exec(bare)
    if (said && !/^\s/.test(bare)) {
      key = said[1] ?? ''
      found.set(key, (said[2] ?? '').trim())
    } else if (key && !/^\s*(#.*)?$/.test(line)) {
      found.set(key, `${found.get(key) ?? ''} ${line.trim()}`.trim())
    }
  }
  return found
}

/** What holds steps says nothing of its own: they are said one by one. */
const HOLDS = new Set(['id', 'title', 'by', 'steps', 'choose', 'parallel', 'circulate', 'for_each'])

function meant(schema: Rule | null, key: string): string {
  if (!schema) return key
  for (const rule of rulesAt(schema, ['steps', 0])) {
    const property = rule.properties?.[key]
    if (!property) continue
    const said =
      property.description ??
      schema.$defs?.[(property.$ref ?? '').replace('#/$defs/', '')]?.description
    if (said) return shortly(said)
  }
  return key
}

const short = (value: string) => {
  const one = value.replace(/\s+/g, ' ')
  return one.length > 60 ? `${one.slice(0, 59)}…` : one
}

export function inWords(before: Drawn | null, after: Drawn, schema: Rule | null): string[] {
  const said: string[] = []
  const written = (drawn: Drawn) =>
    drawn.picture.nodes.filter((node) => !['start', 'end', 'join'].includes(node.kind))
  const old = new Map(before ? written(before).map((node) => [node.id, node]) : [])
  const now = new Map(written(after).map((node) => [node.id, node]))
  if (!before) return [t('deploy.words.first', { n: now.size })]
  const blocks = (drawn: Drawn) =>
    new Map(
      spans(drawn.source, drawn.picture.nodes).map((one) => [
        one.id,
        drawn.source.slice(one.from, one.to),
      ]),
    )
  const oldBlocks = blocks(before)
  const nowBlocks = blocks(after)
  for (const node of old.values())
    if (!now.has(node.id)) said.push(t('deploy.words.gone', { title: node.title }))
  for (const node of now.values()) {
    const was = old.get(node.id)
    if (!was) {
      said.push(
        node.who
          ? t('deploy.words.come_by', { title: node.title, who: node.who })
          : t('deploy.words.come', { title: node.title }),
      )
      continue
    }
    if (was.title !== node.title)
      said.push(t('deploy.words.renamed', { was: was.title, title: node.title }))
    if (was.who !== node.who && node.who)
      said.push(t('deploy.words.who', { title: node.title, was: was.who ?? '', who: node.who }))
    const keys = keysOf(nowBlocks.get(node.id) ?? '')
    const wasKeys = keysOf(oldBlocks.get(node.id) ?? '')
    for (const key of new Set([...wasKeys.keys(), ...keys.keys()])) {
      if (HOLDS.has(key)) continue
      const from = wasKeys.get(key)
      const to = keys.get(key)
      if (from === to) continue
      said.push(
        t('deploy.words.key', {
          title: node.title,
          what: meant(schema, key),
          was: from === undefined ? t('deploy.words.unwritten') : short(from),
          now: to === undefined ? t('deploy.words.unwritten') : short(to),
        }),
      )
    }
  }
  const kept = (of: Map<string, unknown>, other: Map<string, unknown>) =>
    [...of.keys()].filter((id) => other.has(id)).join(' ')
  if (kept(old, now) !== kept(now, old)) said.push(t('deploy.words.order'))
  return said
}
