import { describe, expect, it } from 'vitest'
import { spanAt, spans } from './spans'

const TEXT = `steps:
  - id: draft
    title: 拟稿

  - for_each: { unit: doc.x }
    steps:
      - id: opinion
        title: 会签
    id: each
  - id: head
tests: []
`
const nodes = ['id: draft', 'for_each', 'id: opinion', 'id: head'].map((word) => ({
  id: word,
  offset: TEXT.indexOf(word),
}))
const shown = (word: string) => spanAt(spans(TEXT, nodes), TEXT.indexOf(word))?.id

describe('a step and its lines', () => {
  it('are found by the cursor', () => {
    expect(shown('拟稿')).toBe('id: draft')
    expect(shown('会签')).toBe('id: opinion')
    expect(shown('id: each')).toBe('for_each')
    expect(shown('id: head')).toBe('id: head')
    expect(shown('tests')).toBeUndefined()
  })
  it('are found in the text', () => {
    const draft = spans(TEXT, nodes)[0]
    expect(TEXT.slice(draft?.from, draft?.to)).toBe('  - id: draft\n    title: 拟稿')
  })
  it('are none where the picture says no place', () => {
    expect(spans(TEXT, [{ id: 'end', offset: null }])).toEqual([])
  })
})
