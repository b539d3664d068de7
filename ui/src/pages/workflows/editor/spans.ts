/** Which lines of the text a step of the picture is, and the other way round. */

/** A step with where it begins in the text, counted as the browser counts. */
export interface Placed {
  id: string
  offset?: number | null
}
export interface Span {
  id: string
  from: number
  to: number
}

/** From the line that begins the step to the last line that is indented as far. */
export function spans(text: string, nodes: readonly Placed[]): Span[] {
  return nodes.flatMap((node) => {
    if (node.offset === null || node.offset === undefined || node.offset > text.length) return []
    const from = text.lastIndexOf('\n', node.offset - 1) + 1
    const head = /^(\s*)(?:-\s+)*/.exec(text.slice(from))
    const column = (head?.[0] ?? '').length
    let end = text.indexOf('\n', node.offset)
    if (end < 0) return [{ id: node.id, from, to: text.length }]
    let to = end
    while (end < text.length) {
      const next = text.indexOf('\n', end + 1)
      const line = text.slice(end + 1, next < 0 ? text.length : next)
      if (line.trim() !== '') {
        if (line.search(/\S/) < column) break
        to = next < 0 ? text.length : next
      }
      if (next < 0) break
      end = next
    }
    return [{ id: node.id, from, to }]
  })
}

/** The innermost step that holds a position. */
export const spanAt = (all: readonly Span[], position: number): Span | null =>
  all
    .filter((one) => one.from <= position && position <= one.to)
    .reduce<Span | null>((found, one) => (!found || one.from >= found.from ? one : found), null)
