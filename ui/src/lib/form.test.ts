import { describe, expect, it } from 'vitest'
import { troubles, type FormField } from './form'

const days: FormField = { name: 'n', title: '号', type: 'number', required: false, options: [] }
const words = {
  missing: (title: string) => `请填写${title}`,
  number: (title: string) => `${title}不是数字`,
  whole: (title: string, most: number) => `${title}应当是 1 到 ${most} 的整数`,
}

describe('a number of something', () => {
  it('is whole and within what there can be, before the server is asked', () => {
    const said = (value: unknown, most?: number) =>
      troubles([most ? { ...days, most } : days], { n: value as number }, words).n
    for (const value of [-1, 0, 1.5, 1000])
      expect(said(value, 999)).toBe('号应当是 1 到 999 的整数')
    expect(said(999, 999)).toBeUndefined()
    expect(said('三', 999)).toBe('号不是数字')
    expect(said('', 999)).toBeUndefined()
    // Other numbers may be anything: half a day is a day of leave.
    expect(said(0.5)).toBeUndefined()
  })
})
