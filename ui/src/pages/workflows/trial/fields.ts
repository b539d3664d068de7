/** Which fields a trial asks for: those that the flow's way depends on first, the rest on request. */
import type { FormField } from '@/lib/form'
import type { OfficeField } from '../editor/names'
import { outline } from '../editor/outline'

/** What the system fills in, and what a trial has nothing to put into. */
const NOT_TRIED = new Set(['attachments', 'body_length', 'number', 'secrecy', 'level', 'series'])

const TYPES = new Set<string>([
  'text',
  'long_text',
  'number',
  'bool',
  'date',
  'choice',
  'unit',
  'units',
  'person',
  'people',
])
const asField = (one: OfficeField, required = false): FormField => ({
  name: one.name,
  title: one.title || one.name,
  type: (TYPES.has(one.type) ? one.type : 'text') as FormField['type'],
  required,
  options: one.options,
})

export function trialFields(
  source: string,
  ofDocument: readonly OfficeField[],
): { first: FormField[]; more: FormField[] } {
  const file = outline(source)
  if (!file.document) return { first: file.form.map((one) => asField(one, one.required)), more: [] }
  // What conditions, units and blocks speak of decides the way.
  const decides = new Set([...source.matchAll(/\bdoc\.(\w+)/g)].map((found) => found[1] ?? ''))
  const usable = ofDocument.filter((one) => !NOT_TRIED.has(one.name))
  const first = usable.filter((one) => one.name === 'title' || decides.has(one.name))
  return {
    first: first.map((one) => asField(one)),
    more: usable.filter((one) => !first.includes(one)).map((one) => asField(one)),
  }
}

/** What a step asks its holder to fill in or lets them change. */
export function stepFields(
  all: readonly FormField[],
  edit: readonly string[],
  require: readonly string[],
): { first: FormField[]; more: FormField[] } {
  const may = all.filter((one) => edit.includes(one.name) || require.includes(one.name))
  const must = may
    .filter((one) => require.includes(one.name))
    .map((one) => ({ ...one, required: true }))
  return { first: must, more: may.filter((one) => !require.includes(one.name)) }
}
