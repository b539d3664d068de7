// Where the boxes and arrows of a flow picture stand. dagre lays out the forward edges; arrows that
// return run in lanes of their own beside the picture, so that they never move the main line.

/** What is drawn: as much of the API's picture as a layout needs. */
export interface PictureNode {
  id: string
  title: string
  kind: string
  who?: string | null
}
export interface PictureEdge {
  from: string
  to: string
  label?: string | null
  back?: boolean
  /** The API's word for the same. */
  kind?: string
}
export interface Picture {
  nodes: PictureNode[]
  edges: PictureEdge[]
}

/** An arrow that returns to an earlier step. */
export const isBack = (edge: PictureEdge) => edge.back === true || edge.kind === 'back'

export type Direction = 'LR' | 'TB'
export interface Point {
  x: number
  y: number
}
export interface PlacedNode extends Point {
  id: string
  w: number
  h: number
}
export interface PlacedEdge {
  edge: PictureEdge
  points: Point[]
  label: Point | null
}
export interface Placed extends Point {
  w: number
  h: number
  nodes: PlacedNode[]
  edges: PlacedEdge[]
}

const MARGIN = 16
const LANE = 22
/** Characters of who beyond which it is cut. */
export const WHO_SHOWN = 14

/** A condition is written on as many lines, of as many cells; what is longer would push the alternatives out of sight. */
const LABEL_LINES = 3
const LABEL_CELLS = 24
const LINE = 16
/** How wide a character stands at this size: 全角 twice as wide as 半角. */
const cells = (text: string) =>
  [...text].reduce((sum, one) => sum + (one.codePointAt(0)! < 0x2e80 ? 1.1 : 2), 0)

/** What is written at an arrow, line by line: broken between words where there are any. */
export function labelLines(edge: PictureEdge): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of (edge.label ?? '').match(/[^\s、，或且]+[、，或且]?|[、，或且]|\s+/gu) ?? []) {
    const parts = cells(word) > LABEL_CELLS ? [...word] : [word]
    for (const part of parts) {
      if (line && cells(line + part.trimEnd()) > LABEL_CELLS) {
        lines.push(line.trim())
        line = part.trimStart()
      } else line += part
    }
  }
  if (line.trim()) lines.push(line.trim())
  if (lines.length <= LABEL_LINES) return lines
  const shown = lines.slice(0, LABEL_LINES)
  shown[LABEL_LINES - 1] = `${shown[LABEL_LINES - 1]!.slice(0, -1)}…`
  return shown
}
/** The room that a label takes. */
export function labelSize(edge: PictureEdge): [number, number] {
  const lines = labelLines(edge)
  if (lines.length === 0) return [0, 0]
  return [Math.max(...lines.map(cells)) * 6.2 + 10, lines.length * LINE + 4]
}
export const LABEL_LINE = LINE

/** Room for the title, and for as much of who as is shown. */
const widest = (node: PictureNode) =>
  Math.max(node.title.length * 14, Math.min(node.who?.length ?? 0, WHO_SHOWN) * 12)

export function sizeOf(node: PictureNode): [number, number] {
  switch (node.kind) {
    case 'start':
    case 'end':
      return [76, 36]
    case 'fork':
    case 'each':
    case 'join':
      return [Math.max(76, widest(node) + 24), node.who ? 48 : 30]
    case 'choice':
      return [Math.max(104, widest(node) + 32), node.who ? 50 : 40]
    default:
      return [Math.max(140, widest(node) + 36), 54]
  }
}

/** Right angles through dagre's points. */
function orthogonal(points: Point[], direction: Direction): Point[] {
  const bent = points.flatMap((from, index) => {
    const to = points[index + 1]
    if (!to) return [from]
    if (direction === 'TB') {
      const middle = (from.y + to.y) / 2
      return Math.abs(from.x - to.x) < 1
        ? [from]
        : [from, { x: from.x, y: middle }, { x: to.x, y: middle }]
    }
    const middle = (from.x + to.x) / 2
    return Math.abs(from.y - to.y) < 1
      ? [from]
      : [from, { x: middle, y: from.y }, { x: middle, y: to.y }]
  })
  return bent.filter((point, index) => {
    const before = bent[index - 1]
    return !before || before.x !== point.x || before.y !== point.y
  })
}

export async function layout(picture: Picture, direction: Direction): Promise<Placed> {
  const dagre = await import('@dagrejs/dagre')
  const known = new Set(picture.nodes.map((node) => node.id))
  const edges = picture.edges.filter((edge) => known.has(edge.from) && known.has(edge.to))
  const graph = new dagre.Graph({ multigraph: true })
  graph.setGraph({
    rankdir: direction,
    nodesep: 28,
    ranksep: direction === 'LR' ? 44 : 36,
    edgesep: 20,
  })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const node of picture.nodes) {
    const [width, height] = sizeOf(node)
    graph.setNode(node.id, { width, height })
  }
  edges.forEach((edge, index) => {
    if (isBack(edge)) return
    const [width, height] = labelSize(edge)
    graph.setEdge(edge.from, edge.to, { width, height, labelpos: 'c' }, String(index))
  })
  dagre.layout(graph)

  const nodes = picture.nodes.map((node): PlacedNode => {
    const { x, y, width, height } = graph.node(node.id) as {
      x: number
      y: number
      width: number
      height: number
    }
    return { id: node.id, x: x - width / 2, y: y - height / 2, w: width, h: height }
  })
  const at = new Map(nodes.map((node) => [node.id, node]))
  const placed = edges.flatMap((edge, index): PlacedEdge[] => {
    const from = at.get(edge.from)
    const to = at.get(edge.to)
    if (isBack(edge) || !from || !to) return []
    const laid = graph.edge({ v: edge.from, w: edge.to, name: String(index) }) as {
      points: Point[]
      x?: number
      y?: number
    }
    const middle = laid.points.slice(1, -1)
    const ends =
      direction === 'TB'
        ? [
            { x: from.x + from.w / 2, y: from.y + from.h },
            { x: to.x + to.w / 2, y: to.y },
          ]
        : [
            { x: from.x + from.w, y: from.y + from.h / 2 },
            { x: to.x, y: to.y + to.h / 2 },
          ]
    const label =
      edge.label && laid.x !== undefined && laid.y !== undefined ? { x: laid.x, y: laid.y } : null
    return [{ edge, points: orthogonal([ends[0]!, ...middle, ends[1]!], direction), label }]
  })

  // dagre's points may lie outside its own width and height: the frame is computed from what is drawn.
  const drawn: Point[] = [
    ...nodes.flatMap((node) => [node, { x: node.x + node.w, y: node.y + node.h }]),
    ...placed.flatMap((edge) => edge.points),
    ...placed.flatMap((edge) => {
      if (!edge.label || !edge.edge.label) return []
      const [wide, high] = labelSize(edge.edge)
      return [
        { x: edge.label.x - wide / 2, y: edge.label.y - high / 2 },
        { x: edge.label.x + wide / 2, y: edge.label.y + high / 2 },
      ]
    }),
  ]
  let left = Math.min(...drawn.map((point) => point.x))
  let top = Math.min(...drawn.map((point) => point.y))
  const right = Math.max(...drawn.map((point) => point.x))
  const bottom = Math.max(...drawn.map((point) => point.y))
  for (const edge of edges) {
    const from = at.get(edge.from)
    const to = at.get(edge.to)
    if (!isBack(edge) || !from || !to) continue
    if (direction === 'TB') {
      left -= LANE
      const a = { x: from.x, y: from.y + from.h / 2 }
      const b = { x: to.x, y: to.y + to.h / 2 }
      placed.push({
        edge,
        points: [a, { x: left, y: a.y }, { x: left, y: b.y }, b],
        label: { x: left, y: (a.y + b.y) / 2 },
      })
    } else {
      top -= LANE
      const a = { x: from.x + from.w / 2, y: from.y }
      const b = { x: to.x + to.w / 2, y: to.y }
      placed.push({
        edge,
        points: [a, { x: a.x, y: top }, { x: b.x, y: top }, b],
        label: { x: (a.x + b.x) / 2, y: top },
      })
    }
  }
  return {
    x: left - MARGIN,
    y: top - MARGIN,
    w: right - left + 2 * MARGIN,
    h: bottom - top + 2 * MARGIN,
    nodes,
    edges: placed,
  }
}

/** An SVG path with rounded corners. */
export function roundedPath(points: Point[], radius = 6): string {
  const first = points[0]
  const last = points[points.length - 1]
  if (!first || !last) return ''
  let path = `M${first.x},${first.y}`
  for (let index = 1; index < points.length - 1; index++) {
    const before = points[index - 1]!
    const corner = points[index]!
    const after = points[index + 1]!
    const cut = (towards: Point) => {
      const length = Math.hypot(towards.x - corner.x, towards.y - corner.y) || 1
      const share = Math.min(radius, length / 2) / length
      return `${corner.x + (towards.x - corner.x) * share},${corner.y + (towards.y - corner.y) * share}`
    }
    path += `L${cut(before)}Q${corner.x},${corner.y} ${cut(after)}`
  }
  return `${path}L${last.x},${last.y}`
}
