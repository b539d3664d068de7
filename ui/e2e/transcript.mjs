// Reads the tests that stand in workflow files: `周明 同意 -> 财政局@会签`. Knows how they are written and nothing of
// what they mean on the pages.

const items = (text) => text.split(/[,，、]/).flatMap((one) => one.trim() || [])

/** A value as the files write it in one line: 12, true, "2026-04-20", [财政局, 司法局], 大礼堂. */
function value(text) {
  const bare = text.trim()
  if (bare.startsWith('[')) return items(bare.slice(1, -1)).map((one) => value(one))
  if (/^".*"$/.test(bare)) return bare.slice(1, -1)
  if (bare === 'true' || bare === 'false') return bare === 'true'
  return bare
}

/** `{ a: 1, b: [x, y] }` */
function fields(text) {
  const found = {}
  const inner = text.trim().slice(1, -1)
  for (const [, name, said] of inner.matchAll(/([\w-]+):\s*("[^"]*"|\[[^\]]*\]|[^,]+)\s*(?:,|$)/g))
    found[name] = value(said)
  return found
}

/** The flow's title, what it carries, the titles of its fields, and its tests in order. */
export function read(source) {
  const lines = source.split('\n')
  const flow = { title: '', name: '', document: false, fields: {}, tests: [] }
  let part = ''
  for (const line of lines) {
    const top = /^([a-z_]+):\s*(.*)$/.exec(line)
    if (top) {
      part = top[1]
      if (part === 'title') flow.title = top[2]
      if (part === 'workflow') flow.name = top[2]
      if (part === 'carries') flow.document = top[2] === 'document'
      continue
    }
    const field = part === 'form' && /^ {2}(\w+): (\{.*\})$/.exec(line)
    if (field) flow.fields[field[1]] = fields(field[2]).title
    if (part !== 'tests') continue
    const said = /^ +(?:- )?(name|by|given): (.*)$/.exec(line)
    if (said?.[1] === 'name') flow.tests.push({ name: said[2], by: '', given: {}, play: [] })
    const now = flow.tests.at(-1)
    if (said?.[1] === 'by') now.by = said[2]
    if (said?.[1] === 'given') now.given = fields(said[2])
    const act = !said && /^ {6}- (.*)$/.exec(line)
    if (act) now.play.push(act[1])
  }
  return flow
}

/** One line: who does what, one after the other, and what is open then. */
export function line(text) {
  const [left, right] = text.split('->').map((side) => side.trim())
  let who = ''
  let step = ''
  const acts = left.split(/[；;]/).map((part) => {
    const words = part.trim().split(/\s+/)
    if (!VERBS.has(words[0])) [who, step = ''] = words.shift().split('@')
    const [verb, ...rest] = words
    if (!VERBS.has(verb)) throw new Error(`“${text}”: ${verb} is no act`)
    return { who, step, verb, rest }
  })
  return { acts, open: right === undefined ? null : items(right) }
}

/** 甲=乙,丙 */
export function assignment(word) {
  const at = word.indexOf('=')
  return { name: word.slice(0, at), value: word.slice(at + 1), values: items(word.slice(at + 1)) }
}

const VERBS = new Set(
  '提交 同意 不同意 退回 直退 转办 认领 归还 阅 撤回 抄送 传阅 催办 终止 改 选'.split(' '),
)
