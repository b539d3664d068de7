// Choices for later steps: what is still missing.
import type { Picked, PickView } from '@/api/types'

export function missingPicks(
  picks: readonly PickView[],
  picked: Record<string, Picked>,
  words: { missing: (title: string) => string; lead: (title: string) => string },
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const pick of picks) {
    const made = picked[pick.name]
    const count = pick.what === 'people' ? (made?.people?.length ?? 0) : (made?.units?.length ?? 0)
    if (count === 0) {
      if (pick.required) found[pick.name] = words.missing(pick.title)
    } else if (pick.lead && count > 1 && !made?.lead) found[pick.name] = words.lead(pick.title)
  }
  return found
}

/** Only what was chosen; a single unit leads by itself. */
export function madePicks(
  picks: readonly PickView[],
  picked: Record<string, Picked>,
): Record<string, Picked> {
  const made: Record<string, Picked> = {}
  for (const pick of picks) {
    const one = picked[pick.name]
    if (pick.what === 'people' && one?.people?.length) made[pick.name] = { people: one.people }
    if (pick.what === 'units' && one?.units?.length) {
      const lead = pick.lead ? (one.lead ?? one.units[0] ?? null) : null
      made[pick.name] = lead ? { units: one.units, lead } : { units: one.units }
    }
  }
  return made
}
