/** Completion and explanation in the editor: keys and values out of the schema, names out of the office and the file. */
import {
  snippet,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import type { EditorView, Tooltip } from '@codemirror/view'
import { placeAt, tokenAt } from './place'
import {
  beginningsAt,
  keyMeaning,
  keysAt,
  listAt,
  rulesAt,
  shortly,
  valuesAt,
  type Rule,
} from './rules'
import { namesFor, type Office } from './names'

export interface Knowledge {
  schema: Rule
  office: Office
  words: { required: string; blocks: string; keys: string; values: string }
}

const WORD = /^[\p{L}\p{N}_.-]*$/u

function info(text: string) {
  return () => {
    const box = document.createElement('div')
    box.className = 'flow-means'
    box.textContent = text
    return box
  }
}

function withKey(key: string, block: boolean, column: number, inBrackets: boolean) {
  return (view: EditorView, _completion: Completion, from: number, to: number) => {
    const insert = block && !inBrackets ? `${key}:\n${' '.repeat(column + 2)}- ` : `${key}: `
    view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      userEvent: 'input.complete',
    })
    setTimeout(() => startCompletion(view), 0)
  }
}

export function flowCompletion(known: () => Knowledge | null) {
  return (context: CompletionContext): CompletionResult | null => {
    const knowledge = known()
    if (!knowledge) return null
    const { schema, office, words } = knowledge
    const text = context.state.doc.toString()
    const place = placeAt(text, context.pos)
    if (!place) return null
    const line = context.state.doc.lineAt(context.pos)
    const options: Completion[] = []
    if (place.asKey) {
      const inBrackets = /[{[]/.test(line.text.slice(0, context.pos - line.from))
      if (place.begins) {
        beginningsAt(schema, place.path).forEach((one, index) =>
          options.push({
            label: one.value,
            type: 'class',
            section: { name: words.blocks, rank: 0 },
            boost: 20 - index,
            info: info(one.means),
            apply: snippet((one.insert ?? '').replaceAll('\n', '\n  ')),
          }),
        )
      }
      for (const one of keysAt(schema, place.path, place.written)) {
        options.push({
          label: one.key,
          type: 'property',
          detail: `${shortly(one.means)}${one.required ? ` · ${words.required}` : ''}`,
          section: { name: words.keys, rank: 1 },
          boost: one.required ? 10 : 0,
          info: info(one.means),
          apply: withKey(one.key, one.block, place.column, inBrackets),
        })
      }
      // An item of a list may be a plain value: `[` is on another line, or a list below a key.
    }
    if (!place.asKey || place.begins || options.length === 0) {
      for (const one of valuesAt(schema, place.path)) {
        options.push({
          label: one.value,
          type: 'enum',
          detail: shortly(one.means),
          section: { name: words.values, rank: 2 },
          ...(one.means ? { info: info(one.means) } : {}),
          ...(one.insert ? { apply: snippet(one.insert) } : {}),
        })
      }
      const list = listAt(schema, place.path)
      if (list) {
        for (const one of namesFor(list, office, text)) {
          options.push({
            label: one.name,
            type: 'variable',
            detail: one.title,
            section: { name: words.values, rank: 2 },
          })
        }
      }
    }
    if (options.length === 0) return null
    // What starts with a bracket is completed inside it.
    const from = /^[{[]/.test(place.word) ? context.pos : place.from
    if (
      !context.explicit &&
      from === context.pos &&
      !place.asKey &&
      !/[:[,{] ?$/.test(line.text.slice(0, context.pos - line.from))
    )
      return null
    const quotedOrLong = listAt(schema, place.path) === 'condition'
    if (quotedOrLong) {
      const last = /[\w.]*$/.exec(place.word)?.[0] ?? ''
      return { from: context.pos - last.length, options, validFor: /^[\w.]*$/ }
    }
    return { from, options, validFor: WORD }
  }
}

/** What stands under the pointer, in Chinese. */
export function flowHover(known: () => Knowledge | null) {
  return (view: EditorView, position: number): Tooltip | null => {
    const knowledge = known()
    if (!knowledge) return null
    const text = view.state.doc.toString()
    const found = tokenAt(text, position)
    if (!found) return null
    const { place, token } = found
    const lines: string[] = []
    if (place.asKey) {
      const means = keyMeaning(knowledge.schema, place.path, place.written, token)
      if (!means) return null
      lines.push(means)
      for (const one of valuesAt(knowledge.schema, [...place.path, token]))
        if (one.means && !one.insert) lines.push(`${one.value}：${one.means}`)
    } else {
      const list = listAt(knowledge.schema, place.path)
      const named = list
        ? namesFor(list, knowledge.office, text).find((one) => one.name === token)
        : undefined
      const value = valuesAt(knowledge.schema, place.path).find((one) => one.value === token)
      if (value?.means) lines.push(value.means)
      if (named) lines.push(named.title)
      const rule = rulesAt(knowledge.schema, place.path).find((one) => one.description)
      if (rule?.description && lines.length === 0 && !/\s/.test(token)) return null
    }
    if (lines.length === 0) return null
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create: () => {
        const dom = document.createElement('div')
        dom.className = 'flow-means'
        const head = document.createElement('strong')
        head.textContent = token
        dom.append(head)
        for (const one of lines) {
          const p = document.createElement('p')
          p.textContent = one
          dom.append(p)
        }
        return { dom }
      },
    }
  }
}
