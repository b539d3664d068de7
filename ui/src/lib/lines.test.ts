import { describe, expect, it } from 'vitest'
import { folded, lineDiff } from './lines'

const said = (before: string, after: string) =>
  lineDiff(before, after).map(
    (line) => `${{ same: ' ', gone: '-', come: '+' }[line.kind]}${line.text}`,
  )

describe('two texts line by line', () => {
  it('says what went and what came', () => {
    expect(said('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual([' a', '-b', '+x', ' c', '+d'])
    expect(said('a\n', 'a\n')).toEqual([' a'])
    expect(said('a\nb', 'b')).toEqual(['-a', ' b'])
  })

  it('gives both texts back, whatever they are', () => {
    let seed = 7
    const next = (n: number) => (seed = (seed * 48271) % 2147483647) % n
    for (let round = 0; round < 200; round++) {
      const text = () => Array.from({ length: 1 + next(12) }, () => 'abc'[next(3)]).join('\n')
      const [before, after] = [text(), text()]
      const lines = lineDiff(before, after)
      const of = (kind: string) =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join('\n')
      expect(of('come')).toBe(before)
      expect(of('gone')).toBe(after)
    }
  })

  it('leaves out what stayed', () => {
    const before = Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n')
    const shown = folded(lineDiff(before, before.replace('line 15', 'line x')))
    expect(shown.map((one) => one.kind)).toEqual([
      'gap',
      'same',
      'same',
      'same',
      'gone',
      'come',
      'same',
      'same',
      'same',
      'gap',
    ])
  })
})
