// Fields of a form as a workflow file declares them, and whether what was filled in will do.
import type { Facts, Field, FieldValue } from '@/api/types'
import { blank } from './document'

export type FormType =
  | 'text'
  | 'long_text'
  | 'texts'
  | 'number'
  | 'bool'
  | 'date'
  | 'choice'
  | 'unit'
  | 'units'
  | 'person'
  | 'people'

export interface FormField {
  name: string
  title: string
  type: FormType
  required: boolean
  options: string[]
  /** A number of something: whole, from 1, and no more than this. */
  most?: number
}

/** The API's fields, all of one shape. */
export function formFields(fields: readonly Field[]): FormField[] {
  return fields.map((field) => ({
    name: field.name,
    title: field.title,
    type: field.type,
    required: field.required ?? false,
    options: field.options ?? [],
  }))
}

/** What is missing or no number, by field. */
export function troubles(
  fields: readonly FormField[],
  facts: Facts,
  words: {
    missing: (title: string) => string
    number: (title: string) => string
    whole?: (title: string, most: number) => string
  },
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const field of fields) {
    const value = facts[field.name]
    if (field.required && blank(value)) found[field.name] = words.missing(field.title)
    else if (field.type === 'number' && !blank(value) && typeof value !== 'number')
      found[field.name] = words.number(field.title)
    else if (field.most !== undefined && words.whole && typeof value === 'number')
      if (!Number.isInteger(value) || value < 1 || value > field.most)
        found[field.name] = words.whole(field.title, field.most)
  }
  return found
}

/** A value as one reads it. */
export function valueText(
  field: FormField,
  value: FieldValue | undefined,
  names: { unit: (id: string) => string; person: (id: string) => string; yes: string; no: string },
): string {
  if (blank(value)) return ''
  const all = Array.isArray(value) ? value.map(String) : [String(value)]
  switch (field.type) {
    case 'bool':
      return value === true ? names.yes : names.no
    case 'unit':
    case 'units':
      return all.map(names.unit).join('、')
    case 'person':
    case 'people':
      return all.map(names.person).join('、')
    case 'date':
      return all.map((day) => day.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日')).join('、')
    case 'text':
    case 'long_text':
    case 'texts':
    case 'number':
    case 'choice':
      return all.join('、')
  }
}
