import { describe, expect, it } from 'vitest'
import { layout, roundedPath, type Picture } from './layout'

const box = (id: string, kind = 'handle') => ({ id, title: `环节${id}`, kind })
const picture: Picture = {
  nodes: [box('a'), box('b'), box('c'), box('d'), box('e', 'end')],
  edges: [
    { from: 'a', to: 'b' },
    { from: 'a', to: 'c', label: '特急' },
    { from: 'b', to: 'd' },
    { from: 'c', to: 'd' },
    { from: 'd', to: 'e' },
    { from: 'd', to: 'a', kind: 'back', label: '退回' },
    { from: 'd', to: 'gone' },
  ],
}

describe.each(['LR', 'TB'] as const)('a flow drawn %s', (direction) => {
  it('has no box over another, and everything inside its frame', async () => {
    const placed = await layout(picture, direction)
    expect(placed.nodes).toHaveLength(5)
    for (const one of placed.nodes) {
      for (const other of placed.nodes) {
        if (one.id >= other.id) continue
        const apart =
          one.x + one.w <= other.x ||
          other.x + other.w <= one.x ||
          one.y + one.h <= other.y ||
          other.y + other.h <= one.y
        expect(apart, `${one.id} ${other.id}`).toBe(true)
      }
      expect(one.x).toBeGreaterThanOrEqual(placed.x)
      expect(one.x + one.w).toBeLessThanOrEqual(placed.x + placed.w)
      expect(one.y + one.h).toBeLessThanOrEqual(placed.y + placed.h)
    }
  })

  it('runs forward, whatever returns', async () => {
    const placed = await layout(picture, direction)
    const at = (id: string) => placed.nodes.find((node) => node.id === id)!
    const along = (id: string) => (direction === 'LR' ? at(id).x : at(id).y)
    expect(along('a')).toBeLessThan(along('b'))
    expect(along('b')).toBeLessThan(along('d'))
    expect(along('d')).toBeLessThan(along('e'))
  })

  it('draws arrows at right angles and leaves out those that lead nowhere', async () => {
    const placed = await layout(picture, direction)
    expect(placed.edges).toHaveLength(6)
    for (const { points } of placed.edges) {
      for (let i = 1; i < points.length; i++) {
        const [a, b] = [points[i - 1]!, points[i]!]
        expect(Math.min(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeLessThan(1)
      }
      expect(roundedPath(points)).toMatch(/^M.*L/)
    }
  })
})
