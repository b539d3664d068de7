// The units as pickers want them: in groups, searched by name or first letters, matched to pasted lists.
import type { Unit } from '@/api/types'
import { initials } from './pinyin'

export interface UnitRow {
  unit: Unit
  depth: number
  /** The organ that an office belongs to. */
  of: string | null
}
export interface UnitGroup {
  title: string
  rows: UnitRow[]
}

/** Organs by their group in the directory's order; with `inner`, the offices within each organ below it. */
export function groupUnits(units: Unit[], inner: boolean): UnitGroup[] {
  const sorted = [...units].sort((a, b) => a.order - b.order)
  const children = new Map<string, Unit[]>()
  for (const unit of sorted) {
    if (unit.organ || unit.parent === null) continue
    const list = children.get(unit.parent) ?? []
    list.push(unit)
    children.set(unit.parent, list)
  }
  const groups = new Map<string, UnitRow[]>()
  const placed = new Set<string>()
  const put = (rows: UnitRow[], unit: Unit, depth: number, of: string | null) => {
    if (placed.has(unit.id)) return
    placed.add(unit.id)
    rows.push({ unit, depth, of })
    if (inner)
      for (const child of children.get(unit.id) ?? []) put(rows, child, depth + 1, of ?? unit.id)
  }
  for (const unit of sorted) {
    if (!unit.organ) continue
    const title = unit.group ?? ''
    const rows = groups.get(title) ?? []
    put(rows, unit, 0, null)
    groups.set(title, rows)
  }
  if (inner) {
    const rest: UnitRow[] = []
    for (const unit of sorted) put(rest, unit, 0, null)
    if (rest.length > 0) groups.set('', [...(groups.get('') ?? []), ...rest])
  }
  return [...groups].map(([title, rows]) => ({ title, rows }))
}

/** Whether what was typed means this unit: part of a name, or first letters of its pinyin. */
export function unitMatches(unit: Unit, typed: string): boolean {
  const query = typed.trim().toLowerCase()
  if (query === '') return true
  if (unit.name.includes(query) || unit.short.includes(query)) return true
  return (
    /^[a-z0-9]+$/.test(query) &&
    (initials(unit.short).includes(query) || initials(unit.name).includes(query))
  )
}

const bare = (name: string) => name.replace(/[\s（）()“”"《》]/g, '')

/**
 * The units of a pasted list, and the names that no unit has, or several have. 司法局 is 市司法局 where no other unit's
 * name ends so.
 */
export function unitsInText(text: string, units: Unit[]): { found: Unit[]; unknown: string[] } {
  const byName = new Map<string, Unit | null>()
  for (const unit of units) {
    for (const name of new Set([bare(unit.name), bare(unit.short)]))
      byName.set(name, byName.has(name) ? null : unit)
  }
  const ending = (name: string) => {
    const fits = units.filter((unit) => bare(unit.short).endsWith(name))
    return name.length >= 3 && fits.length === 1 ? fits[0] : undefined
  }
  const found: Unit[] = []
  const unknown: string[] = []
  for (const part of text.split(/[\n\r、，,；;：:。\t]+/)) {
    const name = bare(part).replace(/^\d+[.．]?/, '')
    if (name === '') continue
    const known = byName.get(name)
    const unit =
      known === null ? null : (known ?? byName.get(name.replace(/^市/, '')) ?? ending(name))
    if (!unit) unknown.push(part.trim())
    else if (!found.includes(unit)) found.push(unit)
  }
  return { found, unknown }
}
