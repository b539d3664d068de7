/** What a flow file names itself (steps, choices, units of its blocks, fields of its form), read tolerantly while it is written. */
export interface Named {
  name: string
  title: string
}
export interface FileField extends Named {
  type: string
  required: boolean
  options: string[]
}
export interface Outline {
  steps: Named[]
  picks: Named[]
  /** What `for_each` calls the unit of a branch. */
  units: string[]
  form: FileField[]
  /** Whether it carries a document, whose fields are said as `doc.`. */
  document: boolean
}

const plain = (value: string) => value.trim().replace(/^["']|["']$/g, '')

/** The mapping `name: { title: …, type: … }` or the lines below `name:`. */
function entriesBelow(lines: string[], at: number): FileField[] {
  const column = (lines[at] ?? '').search(/[^\s-]/)
  const found: FileField[] = []
  const list = (text: string) =>
    (/^\s*\[(.*)\]\s*$/.exec(text)?.[1] ?? '').split(',').map(plain).filter(Boolean)
  let own = -1
  for (let n = at + 1; n < lines.length; n++) {
    const line = lines[n] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const indent = line.search(/\S/)
    if (indent <= column) break
    if (own < 0) own = indent
    const key = /^\s*([\w-]+):\s*(.*)$/u.exec(line)
    if (!key) continue
    const name = key[1] ?? ''
    const rest = key[2] ?? ''
    if (indent === own) {
      const part = (of: string) => plain(new RegExp(`\\b${of}:\\s*([^,}]+)`).exec(rest)?.[1] ?? '')
      found.push({
        name,
        title: part('title'),
        type: part('type'),
        required: part('required') === 'true',
        options: list(/options:\s*(\[[^\]]*\])/.exec(rest)?.[1] ?? ''),
      })
    } else {
      const last = found.at(-1)
      if (last && name === 'title') last.title = plain(rest)
      if (last && name === 'type') last.type = plain(rest)
      if (last && name === 'required') last.required = plain(rest) === 'true'
      if (last && name === 'options') last.options = list(rest)
    }
  }
  return found
}

export function outline(text: string): Outline {
  const lines = text.split('\n')
  const read: Outline = {
    steps: [],
    picks: [],
    units: [],
    form: [],
    document: /^carries:\s*document/m.test(text),
  }
  lines.forEach((line, at) => {
    const id = /^(\s*(?:-\s+)*)id:\s*([\w-]+)/.exec(line)
    if (id) {
      const column = (id[1] ?? '').length
      // Its title stands a few lines around it, in the same column.
      const around = lines.slice(Math.max(0, at - 6), at + 4)
      const title = around
        .map((one) => /^(\s*(?:-\s+)*)title:\s*(.+)$/.exec(one))
        .find((one) => one && (one[1] ?? '').length === column)
      read.steps.push({ name: id[2] ?? '', title: plain(title?.[2] ?? '') })
    }
    const each = /for_each:\s*\{\s*(\w+):/.exec(line)
    if (each?.[1]) read.units.push(each[1])
    if (/^\s*(?:-\s+)*pick:\s*(#.*)?$/.test(line)) read.picks.push(...entriesBelow(lines, at))
    if (/^form:\s*(#.*)?$/.test(line)) read.form.push(...entriesBelow(lines, at))
  })
  return read
}
