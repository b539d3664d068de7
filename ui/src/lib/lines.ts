/** Two texts line by line: what went, what came, what stayed. */
export interface DiffLine {
  kind: 'same' | 'gone' | 'come'
  text: string
  /** Numbers from 1 in the old and the new text. */
  old: number | null
  now: number | null
}
/** Lines that stayed and are left out. */
export interface Gap {
  kind: 'gap'
  lines: DiffLine[]
}

/** Myers' shortest edit: fast where texts are alike, as versions of one file are. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.replace(/\n$/, '').split('\n')
  const b = after.replace(/\n$/, '').split('\n')
  const most = a.length + b.length
  const reach = new Map<number, number>([[1, 0]])
  const trail: Map<number, number>[] = []
  outer: for (let d = 0; d <= most; d++) {
    trail.push(new Map(reach))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0))
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reach.set(k, x)
      if (x >= a.length && x - k >= b.length) break outer
    }
  }
  const found: DiffLine[] = []
  let x = a.length
  let y = b.length
  for (let d = trail.length - 1; d >= 0; d--) {
    const past = trail[d] ?? new Map<number, number>()
    const k = x - y
    const down = k === -d || (k !== d && (past.get(k - 1) ?? 0) < (past.get(k + 1) ?? 0))
    const from = down ? (past.get(k + 1) ?? 0) : (past.get(k - 1) ?? 0)
    const fromY = from - (down ? k + 1 : k - 1)
    while (x > Math.max(from, 0) && y > Math.max(fromY, 0) && a[x - 1] === b[y - 1]) {
      found.push({ kind: 'same', text: a[x - 1] ?? '', old: x, now: y })
      x--
      y--
    }
    if (d === 0) break
    if (down) found.push({ kind: 'come', text: b[y - 1] ?? '', old: null, now: y })
    else found.push({ kind: 'gone', text: a[x - 1] ?? '', old: x, now: null })
    x = from
    y = fromY
  }
  return found.reverse()
}

/** Leaves out what stayed, but for `around` lines beside what changed. */
export function folded(lines: readonly DiffLine[], around = 3): (DiffLine | Gap)[] {
  const near = lines.map(() => false)
  lines.forEach((line, at) => {
    if (line.kind === 'same') return
    for (let n = Math.max(0, at - around); n <= Math.min(lines.length - 1, at + around); n++)
      near[n] = true
  })
  const shown: (DiffLine | Gap)[] = []
  lines.forEach((line, at) => {
    const last = shown.at(-1)
    if (near[at]) shown.push(line)
    else if (last?.kind === 'gap') last.lines.push(line)
    else shown.push({ kind: 'gap', lines: [line] })
  })
  return shown
}
