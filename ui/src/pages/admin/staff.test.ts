import type { FullUnit } from '@/api/types'
import { describe, expect, it } from 'vitest'
import { freeId, treeOf } from './staff'

const unit = (id: string, parent: string | null) =>
  ({ id, parent, name: id }) as unknown as FullUnit

describe('the tree of units', () => {
  it('keeps the order of siblings and stands what lost its parent at the top', () => {
    const rows = treeOf([
      unit('city', null),
      unit('b', 'city'),
      unit('a', 'city'),
      unit('a1', 'a'),
      unit('lost', 'gone'),
    ])
    expect(rows.map((row) => [row.unit.id, row.depth, row.inside])).toEqual([
      ['city', 0, 2],
      ['b', 1, 0],
      ['a', 1, 1],
      ['a1', 2, 0],
      ['lost', 0, 0],
    ])
  })
})

describe('a free id', () => {
  it('is what was wanted, without what an id may not hold, or the next one', () => {
    const taken = new Set(['lxt', 'lxt-2'])
    expect(freeId('lxt', (id) => taken.has(id))).toBe('lxt-3')
    expect(freeId('W g·j', (id) => taken.has(id))).toBe('gj')
    expect(freeId('林', () => false)).toBe('x')
    // A name as long as a sentence does not make an id that the server refuses.
    expect(freeId('z'.repeat(300), (id) => id.length === 48).length).toBeLessThan(64)
  })
})
