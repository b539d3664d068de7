/** Times as an office says them, always in Asia/Shanghai, wherever the browser is. */
const ZONE = 'Asia/Shanghai'

const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

interface Local {
  year: string
  month: string
  day: string
  hour: string
  minute: string
}

function local(time: string | Date): Local {
  const found = Object.fromEntries(
    parts.formatToParts(new Date(time)).map((part) => [part.type, part.value]),
  )
  return found as unknown as Local
}

/** 2026年11月21日 15:32 */
export function exact(time: string | Date): string {
  const at = local(time)
  return `${at.year}年${at.month}月${at.day}日 ${at.hour}:${at.minute}`
}

/** 2026年11月21日 */
export function day(time: string | Date): string {
  const at = local(time)
  return `${at.year}年${at.month}月${at.day}日`
}

/** 15:32 */
export function clock(time: string | Date): string {
  const at = local(time)
  return `${at.hour}:${at.minute}`
}

/** 刚刚 · 12 分钟前 · 今天 15:32 · 昨天 09:10 · 11月3日 · 2025年11月3日 */
export function ago(time: string | Date, now: Date = new Date()): string {
  const minutes = Math.floor((now.getTime() - new Date(time).getTime()) / 60_000)
  if (minutes >= 0 && minutes < 1) return '刚刚'
  if (minutes > 0 && minutes < 60) return `${minutes} 分钟前`
  const at = local(time)
  const today = local(now)
  const yesterday = local(new Date(now.getTime() - 86_400_000))
  if (same(at, today)) return `今天 ${at.hour}:${at.minute}`
  if (same(at, yesterday)) return `昨天 ${at.hour}:${at.minute}`
  if (at.year === today.year) return `${at.month}月${at.day}日`
  return `${at.year}年${at.month}月${at.day}日`
}

function same(a: Local, b: Local) {
  return a.year === b.year && a.month === b.month && a.day === b.day
}
