import { describe, expect, it } from 'vitest'
import { factsOf, list, sizeText, text } from './document'
import { formFields, troubles, valueText } from './form'
import { madePicks, missingPicks } from './picks'

describe("a document's elements", () => {
  it('are said in the words of flows and people', () => {
    const facts = factsOf({
      kind: 'notice',
      urgency: 'extra',
      publicity: 'on_request',
      number: { code: '云政发', year: 2026, seq: 18 },
      recipient_names: ['各区人民政府', '各直属单位'],
      recipients: ['finance'],
      title: '<b>关于值班的通知</b>',
    })
    expect(facts).toMatchObject({
      kind: '通知',
      urgency: '特急',
      publicity: '依申请公开',
      number: '云政发〔2026〕18号',
    })
    expect(text(facts, 'recipient_names')).toBe('各区人民政府、各直属单位')
    expect(list(facts, 'recipients')).toEqual(['finance'])
    expect(text(facts, 'title')).toBe('<b>关于值班的通知</b>')
  })

  it('that are facts already stay as they are', () => {
    expect(factsOf({ kind: '请示', urgency: '加急', number: '云水〔2026〕3号' })).toEqual({
      kind: '请示',
      urgency: '加急',
      number: '云水〔2026〕3号',
    })
  })

  it('have sizes one can read', () => {
    expect(sizeText(812)).toBe('812 B')
    expect(sizeText(1_900_000)).toBe('1.8 MB')
  })
})

describe('a form', () => {
  const fields = formFields([
    { name: 'days', title: '天数', type: 'number', required: true, options: [] },
    { name: 'from', title: '起始日期', type: 'date', required: true, options: [] },
    { name: 'units', title: '单位', type: 'units', required: false, options: [] },
  ])
  const words = {
    missing: (title: string) => `缺${title}`,
    number: (title: string) => `${title}不是数`,
  }

  it('says what is missing and what is no number', () => {
    expect(troubles(fields, { days: '三' }, words)).toEqual({
      days: '天数不是数',
      from: '缺起始日期',
    })
    expect(troubles(fields, { days: 3, from: '2026-11-23' }, words)).toEqual({})
  })

  it('is read with names and dates', () => {
    const names = {
      unit: (id: string) => `单位${id}`,
      person: (id: string) => id,
      yes: '是',
      no: '否',
    }
    expect(valueText(fields[1]!, '2026-05-06', names)).toBe('2026年5月6日')
    expect(valueText(fields[2]!, ['a', 'b'], names)).toBe('单位a、单位b')
    expect(valueText(fields[0]!, undefined, names)).toBe('')
  })
})

describe('choices for later steps', () => {
  const picks = [
    {
      name: 'handlers',
      title: '承办单位',
      what: 'units' as const,
      lead: true,
      required: true,
      candidates: null,
    },
    {
      name: 'readers',
      title: '传阅对象',
      what: 'people' as const,
      lead: false,
      required: false,
      candidates: null,
    },
  ]
  const words = {
    missing: (title: string) => `选${title}`,
    lead: (title: string) => `${title}主办`,
  }

  it('must be made, with one lead among several', () => {
    expect(missingPicks(picks, {}, words)).toEqual({ handlers: '选承办单位' })
    expect(missingPicks(picks, { handlers: { units: ['a', 'b'] } }, words)).toEqual({
      handlers: '承办单位主办',
    })
    expect(missingPicks(picks, { handlers: { units: ['a', 'b'], lead: 'b' } }, words)).toEqual({})
  })

  it('of a single unit make it the lead, and nothing is sent for what was not chosen', () => {
    expect(madePicks(picks, { handlers: { units: ['a'] }, readers: { people: [] } })).toEqual({
      handlers: { units: ['a'], lead: 'a' },
    })
  })
})
