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

/** The same runs for a text that comes unmarked: where it has one of the words that were asked for. */
export function marked(text: string, asked: string): Run[] {
  const words = asked
    .split(/\s+/)
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (!words.length) return [{ text, hit: false }]
  return text
    .split(new RegExp(`(${words.join('|')})`, 'gi'))
    .map((part, index) => ({ text: part, hit: index % 2 === 1 }))
    .filter((run) => run.text)
}
