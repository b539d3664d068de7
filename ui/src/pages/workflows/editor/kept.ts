/** What was written and not yet put into use, kept in this browser per person and flow. Leaves nothing on the server. */
export interface Kept {
  source: string
  /** The version that it was begun from; empty for a new flow. */
  base: string
  at: string
}

const place = (person: string, flow: string) => `wenshu.flow.${person}.${flow}`

export function kept(person: string, flow: string): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(place(person, flow)) ?? 'null')
    if (!found || typeof found !== 'object') return null
    const { source, base, at } = found as Partial<Kept>
    return typeof source === 'string' && typeof base === 'string' && typeof at === 'string'
      ? { source, base, at }
      : null
  } catch {
    return null
  }
}

/** Says whether it could be kept: a browser may refuse. */
export function keep(person: string, flow: string, what: Kept): boolean {
  try {
    localStorage.setItem(place(person, flow), JSON.stringify(what))
    return true
  } catch {
    return false
  }
}

export function forget(person: string, flow: string) {
  try {
    localStorage.removeItem(place(person, flow))
  } catch {
    // Nothing could be kept either.
  }
}
