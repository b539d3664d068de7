/** The clock of a trial: times as they are typed, in the time of the office, and steps forward. */
const ZONE = '+08:00'

const parts = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
})

/** `2026-11-22T10:32`, as an input of the browser has it. */
export const typed = (time: string | Date) => parts.format(new Date(time)).replace(' ', 'T')

/** The moment that was typed; null when it is none. */
export function moment(text: string): string | null {
  const at = new Date(`${text.length === 16 ? `${text}:00` : text}${ZONE}`)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

export const later = (time: string, minutes: number) =>
  new Date(new Date(time).getTime() + minutes * 60_000).toISOString()
