/** A snippet as runs of text; what was found stands between ⟦ and ⟧. It is text: nothing in it is markup. */
export interface Run {
  text: string
  hit: boolean
}

export function runs(snippet: string): Run[] {
  return snippet
    .split(/(⟦[^⟧]*⟧)/)
    .filter(Boolean)
    .map((part) =>
      part.startsWith('⟦') && part.endsWith('⟧')
        ? { text: part.slice(1, -1), hit: true }
        : { text: part, hit: false },
    )
}
