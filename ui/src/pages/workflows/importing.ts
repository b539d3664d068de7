/** A flow file from this computer, read as text; whether it will do is checked in the editor. */
import { t } from '@/i18n'
import { keep } from './editor/kept'

const MOST = 256 * 1024

/** The stable name that a text gives itself. */
export const nameIn = (source: string) =>
  /^workflow:\s*["']?([a-z0-9_-]+)["']?\s*(#.*)?$/m.exec(source)?.[1] ?? null

/** The text and its name, or why it cannot be taken. */
export async function readFlow(file: File): Promise<{ name: string; source: string } | string> {
  if (file.size > MOST) return t('workflows.import_too_big')
  let source: string
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
  } catch {
    return t('workflows.import_binary')
  }
  source = source.replaceAll('\r\n', '\n')
  const name = nameIn(source)
  return name ? { name, source } : t('workflows.import_no_name')
}

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
