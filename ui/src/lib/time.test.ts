import { describe, expect, it } from 'vitest'
import { ago, clock, day, exact } from './time'

describe('times', () => {
  it('are those of Shanghai, wherever the browser is', () => {
    expect(exact('2026-11-21T17:30:00Z')).toBe('2026年11月22日 01:30')
    expect(day('2026-11-21T15:59:59Z')).toBe('2026年11月21日')
    expect(clock('2026-11-21T16:05:00Z')).toBe('00:05')
  })

  it('are told as people tell them', () => {
    const now = new Date('2026-11-21T08:00:00Z')
    expect(ago('2026-11-21T07:59:40Z', now)).toBe('刚刚')
    expect(ago('2026-11-21T07:48:00Z', now)).toBe('12 分钟前')
    expect(ago('2026-11-21T01:10:00Z', now)).toBe('今天 09:10')
    expect(ago('2026-11-20T01:10:00Z', now)).toBe('昨天 09:10')
    expect(ago('2026-11-03T01:10:00Z', now)).toBe('11月3日')
    expect(ago('2025-11-03T01:10:00Z', now)).toBe('2025年11月3日')
  })
})
