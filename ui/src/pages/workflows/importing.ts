/** Flow files: what a text calls itself, where it waits for the editor, and how it is saved. */
import { keep } from './editor/kept'

/** The stable name that a text gives itself. */
export const nameIn = (source: string) =>
  /^workflow:\s*["']?([a-z0-9_-]+)["']?\s*(#.*)?$/m.exec(source)?.[1] ?? null

/** Lays a text where the editor looks for what was being written. `flow` is empty for one that there is not yet. */
export function layAside(person: string, flow: string, source: string, base: string) {
  return keep(person, flow, { source, base, at: new Date().toISOString() })
}

/** Gives a text to the person as a file. */
export function save(name: string, source: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([source], { type: 'application/yaml;charset=utf-8' }))
  link.download = `${name}.yaml`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
