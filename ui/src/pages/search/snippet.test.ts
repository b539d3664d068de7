import { describe, expect, it } from 'vitest'
import { runs } from './snippet'

describe('a snippet', () => {
  it('tells what was found from what stands around it', () => {
    expect(runs('做好⟦防汛⟧和⟦抗旱⟧工作')).toEqual([
      { text: '做好', hit: false },
      { text: '防汛', hit: true },
      { text: '和', hit: false },
      { text: '抗旱', hit: true },
      { text: '工作', hit: false },
    ])
  })

  it('keeps markup as text and an open mark as it is', () => {
    expect(runs('<script>⟦x⟧</script>')[0]).toEqual({ text: '<script>', hit: false })
    expect(runs('a⟦b')).toEqual([{ text: 'a⟦b', hit: false }])
  })
})
