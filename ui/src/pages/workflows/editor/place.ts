/**
 * Where a position stands in a flow file: under which keys, writing which key or value. Reads indentation and the
 * brackets of one line, not a parse tree, so that half-typed text will do. Knows nothing of what the keys mean.
 */

/** A key of a mapping, or an item of a list. */
export type Rung = string | 0

export interface Place {
  /** From the root to the mapping in which a key is written, or to the value that is written. */
  path: Rung[]
  /** Whether a key is being written; else a value. */
  asKey: boolean
  /** The keys that the mapping has already. */
  written: Set<string>
  /** Whether a block may be begun here: an item of a list on a line of its own. */
  begins: boolean
  /** What stands before the position, and where it starts. */
  word: string
  from: number
  /** Column of the keys of the mapping, for what is continued on the next line. */
  column: number
}

interface Line {
  indent: number
  /** Columns of the dashes. */
  dashes: number[]
  /** Column where what follows the dashes starts. */
  column: number
  key: string | null
  /** What stands behind the key, or all of it where there is no key. */
  rest: string
  /** Column where `rest` starts. */
  restColumn: number
}

const KEY = /^("[^"]*"|'[^']*'|[^\s:#[\]{},"'][^:#[\]{},"']*):(?=\s|$)\s*/u

function bare(key: string) {
  return key.replace(/^["']|["']$/g, '').trim()
}

function readLine(text: string): Line | null {
  if (/^\s*(#|$)/.test(text)) return null
  const indent = text.length - text.trimStart().length
  const dashes: number[] = []
  let column = indent
  for (;;) {
    const dash = /^-(\s+|$)/.exec(text.slice(column))
    if (!dash) break
    dashes.push(column)
    column += dash[0].length
  }
  const content = text.slice(column)
  const key = KEY.exec(content)
  if (!key) return { indent, dashes, column, key: null, rest: content, restColumn: column }
  return {
    indent,
    dashes,
    column,
    key: bare(key[1] ?? ''),
    rest: content.slice(key[0].length),
    restColumn: column + key[0].length,
  }
}

const holds = (line: Line) => line.key !== null && /^(#.*)?$/.test(line.rest.trim())

/** The rungs that lead to what stands on line `at` in column `column`; the keys beside it go into `written`. */
function climb(lines: string[], at: number, start: Line, written: Set<string>): Rung[] {
  const path: Rung[] = start.dashes.map((): Rung => 0)
  let item = start.dashes.length > 0
  let column = start.dashes[0] ?? start.column
  let beside = !item
  for (let n = at - 1; n >= 0 && (item || column > 0); n--) {
    const line = readLine(lines[n] ?? '')
    if (!line) continue
    const outward = () => {
      path.unshift(...line.dashes.map((): Rung => 0))
      item = line.dashes.length > 0
      column = line.dashes[0] ?? line.column
      beside = false
    }
    if (item) {
      if (line.dashes.includes(column) || line.indent > column) continue
      if (line.column <= column && holds(line)) {
        path.unshift(line.key ?? '')
        outward()
      } else if (line.indent < column) break
    } else if (line.column === column) {
      if (beside && line.key !== null) written.add(line.key)
      if (line.dashes.length > 0) outward()
    } else if (line.column < column) {
      if (holds(line)) {
        path.unshift(line.key ?? '')
        outward()
      } else if (line.dashes.length > 0 || line.key !== null) {
        column = line.column
        if (line.dashes.length > 0) outward()
      }
    }
  }
  if (!item && column === 0) {
    for (let n = at - 1; n >= 0; n--) {
      const line = readLine(lines[n] ?? '')
      if (beside && line?.column === 0 && line.key !== null) written.add(line.key)
    }
  }
  return path
}

/** The keys of the same mapping on the lines that follow. */
function below(lines: string[], at: number, column: number, written: Set<string>) {
  for (let n = at + 1; n < lines.length; n++) {
    const line = readLine(lines[n] ?? '')
    if (!line) continue
    if (line.indent < column || (line.indent === column && line.dashes.length > 0)) return
    if (line.column === column && line.key !== null) written.add(line.key)
  }
}

interface Frame {
  list: boolean
  key: string | null
  written: Set<string>
}

/** Reads brackets up to the position. */
function inline(text: string): { frames: Frame[]; word: string; closed: boolean } | null {
  const frames: Frame[] = []
  let word = ''
  let closed = false
  for (let n = 0; n < text.length; n++) {
    const sign = text[n] ?? ''
    const top = frames.at(-1)
    if ((sign === '"' || sign === "'") && word.trim() === '') {
      const end = text.indexOf(sign, n + 1)
      if (end < 0) return { frames, word: text.slice(n), closed: false }
      word = text.slice(n, end + 1)
      n = end
    } else if (sign === '{' || sign === '[') {
      frames.push({ list: sign === '[', key: null, written: new Set() })
      word = ''
    } else if ((sign === '}' || sign === ']') && top) {
      frames.pop()
      word = ''
      closed = frames.length === 0
    } else if (sign === ',' && top) {
      top.key = null
      word = ''
    } else if (
      sign === ':' &&
      top &&
      !top.list &&
      top.key === null &&
      /\s|$/.test(text[n + 1] ?? '')
    ) {
      top.key = bare(word)
      top.written.add(top.key)
      word = ''
    } else if (sign === '#' && /\s/.test(text[n - 1] ?? ' ')) return null
    else word += sign
  }
  return { frames, word: word.trimStart(), closed }
}

/** Where `position` stands in `text`; null inside a comment or behind a closed bracket. */
export function placeAt(text: string, position: number): Place | null {
  const lines = text.split('\n')
  const before = text.slice(0, position).split('\n')
  const at = before.length - 1
  const head = before[at] ?? ''
  if (/^\s*#/.test(head)) return null
  const empty: Line = {
    indent: head.length,
    dashes: [],
    column: head.length,
    key: null,
    rest: '',
    restColumn: head.length,
  }
  const line = readLine(head) ?? empty
  const written = new Set<string>()
  const path = climb(lines, at, line, written)
  const scanned = inline(line.rest)
  if (!scanned || scanned.closed) return null
  const from = position - scanned.word.length
  const place = { word: scanned.word, from, column: line.column, begins: false }
  const top = scanned.frames.at(-1)
  if (line.key !== null) path.push(line.key)
  if (!top) {
    if (line.key !== null) return { ...place, path, asKey: false, written: new Set() }
    below(lines, at, line.column, written)
    return {
      ...place,
      path,
      asKey: true,
      written,
      begins: line.dashes.length > 0 && written.size === 0,
    }
  }
  for (const frame of scanned.frames) {
    if (frame.list) path.push(0)
    else if (frame.key !== null) path.push(frame.key)
  }
  if (top.list || top.key !== null) return { ...place, path, asKey: false, written: new Set() }
  return { ...place, path, asKey: true, written: top.written }
}

/** The key or value at `position`, whole, and where it stands; for what is explained under the pointer. */
export function tokenAt(
  text: string,
  position: number,
): { place: Place; token: string; from: number; to: number } | null {
  const start = text.lastIndexOf('\n', position - 1) + 1
  const end = text.indexOf('\n', position)
  const line = text.slice(start, end < 0 ? text.length : end)
  const sign = /[\p{L}\p{N}_.-]/u
  let left = position - start
  let right = left
  while (left > 0 && sign.test(line[left - 1] ?? '')) left--
  while (right < line.length && sign.test(line[right] ?? '')) right++
  if (left === right) return null
  const token = line.slice(left, right)
  if (token === '-') return null
  const place = placeAt(text, start + right)
  if (!place) return null
  // What is followed by a colon is a key, wherever the position is within it.
  const key = /^\s*:(\s|$)/.test(line.slice(right))
  return { place: { ...place, asKey: key }, token, from: start + left, to: start + right }
}
