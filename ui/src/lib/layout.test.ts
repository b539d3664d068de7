import { describe, expect, it } from 'vitest'
import { labelLines, labelSize, layout, roundedPath, type Picture } from './layout'

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

const LONG = {
  first: '天数大于10，并且类别不是“产假”，并且发起单位是市政府办公室',
  second: '天数大于3或者类别等于事假或者会签单位超过二十个而且紧急程度为特急',
  third: '其他',
}
const forked: Picture = {
  nodes: [box('ask'), box('how', 'choice'), box('one'), box('two'), box('rest'), box('end', 'end')],
  edges: [
    { from: 'ask', to: 'how' },
    { from: 'how', to: 'one', label: LONG.first },
    { from: 'how', to: 'two', label: LONG.second },
    { from: 'how', to: 'rest', label: LONG.third },
    // Nothing stands in this alternative: the arrow leads on past the others.
    {
      from: 'how',
      to: 'end',
      label: 'form.days > 3 || form.kind == "事假" && size(doc.recipients) > 20',
    },
    { from: 'one', to: 'end' },
    { from: 'two', to: 'end' },
    { from: 'rest', to: 'end' },
  ],
}

describe.each(['LR', 'TB'] as const)('long conditions drawn %s', (direction) => {
  it('lie on no other and on no box, inside the frame', async () => {
    const placed = await layout(forked, direction)
    const labels = placed.edges.flatMap(({ edge, label }) => {
      if (!label || !edge.label) return []
      const [w, h] = labelSize(edge)
      return [{ id: edge.label, x: label.x - w / 2, y: label.y - h / 2, w, h }]
    })
    expect(labels).toHaveLength(4)
    const all = [...labels, ...placed.nodes]
    for (const [index, one] of labels.entries()) {
      expect(one.x).toBeGreaterThanOrEqual(placed.x)
      expect(one.x + one.w).toBeLessThanOrEqual(placed.x + placed.w)
      for (const other of all.slice(index + 1)) {
        const apart =
          one.x + one.w <= other.x ||
          other.x + other.w <= one.x ||
          one.y + one.h <= other.y ||
          other.y + other.h <= one.y
        expect(apart, `${one.id} / ${other.id}`).toBe(true)
      }
    }
  })

  it('are written on three lines at most, and whole where they fit', () => {
    const lines = forked.edges.map(labelLines)
    expect(Math.max(...lines.map((one) => one.length))).toBe(3)
    expect(lines[3]).toEqual(['其他'])
    expect(lines[1]!.join('')).toBe(LONG.first)
    expect(lines[2]!.join('')).toMatch(/^天数大于3或者.*…$/)
  })
})
