import { UNITS } from '@/testing/office'
import { describe, expect, it } from 'vitest'
import { initials } from './pinyin'
import { groupUnits, unitMatches, unitsInText } from './units'

describe('units for pickers', () => {
  it('stand in their groups, in the order of the directory', () => {
    const groups = groupUnits([...UNITS].reverse(), false)
    expect(groups.map((group) => group.title)).toEqual(['工作部门', '各区'])
    expect(groups[0]?.rows.map((row) => row.unit.short)).toEqual([
      '市政府办公室',
      '市财政局',
      '市司法局',
    ])
  })

  it('have their offices below them when asked for', () => {
    const rows = groupUnits(UNITS, true)[0]?.rows ?? []
    expect(rows[1]).toMatchObject({ depth: 1, of: 'office', unit: { short: '文秘科' } })
  })

  it('are found by a part of the name and by first letters', () => {
    const finance = UNITS[2]!
    expect(unitMatches(finance, '财政')).toBe(true)
    expect(unitMatches(finance, 'czj')).toBe(true)
    expect(unitMatches(finance, 'SCZ')).toBe(true)
    expect(unitMatches(finance, 'sfj')).toBe(false)
  })

  it('are matched line by line with a pasted list, and what is not understood is told', () => {
    const { found, unknown } = unitsInText('1. 市财政局\n云州东湖区政府、市气象台；市财政局', UNITS)
    expect(found.map((unit) => unit.id)).toEqual(['finance', 'east'])
    expect(unknown).toEqual(['市气象台'])
  })

  it('are understood by the end of a name that only one has, and never guessed between two', () => {
    expect(unitsInText('司法局、财政局', UNITS).found.map((unit) => unit.id)).toEqual([
      'justice',
      'finance',
    ])
    expect(unitsInText('政局', UNITS).unknown).toEqual(['政局'])
    const twins = [...UNITS, { ...UNITS[2]!, id: 'finance-2' }]
    expect(unitsInText('市财政局、财政局', twins)).toEqual({
      found: [],
      unknown: ['市财政局', '财政局'],
    })
  })
})

describe('first letters', () => {
  it('come from the order of pinyin', () => {
    expect(initials('林晓')).toBe('lx')
    expect(initials('市人民政府')).toBe('srmzf')
    expect(initials('12345热线')).toBe('12345rx')
  })
})
