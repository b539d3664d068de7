import { describe, expect, it } from 'vitest'
import { marked, runs } from './snippet'

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

describe('a title', () => {
  it('shows the words that were asked for, and takes none of them for a pattern', () => {
    expect(marked('关于防汛工作的通知', '工作 防汛').filter((run) => run.hit)).toEqual([
      { text: '防汛', hit: true },
      { text: '工作', hit: true },
    ])
    expect(marked('（一）.*', '.*')).toEqual([
      { text: '（一）', hit: false },
      { text: '.*', hit: true },
    ])
    expect(marked('通知', '  ')).toEqual([{ text: '通知', hit: false }])
  })
})
