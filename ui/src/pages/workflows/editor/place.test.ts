import { describe, expect, it } from 'vitest'
import schema from '../../../../../docs/workflow.schema.json'
import { namesFor, NOTHING_KNOWN } from './names'
import { outline } from './outline'
import { placeAt, tokenAt } from './place'
import { beginningsAt, keyMeaning, keysAt, valuesAt, type Rule } from './rules'

const root = schema as unknown as Rule

/** The place of `|` in a text. */
function at(marked: string) {
  const position = marked.indexOf('|')
  const place = placeAt(marked.replace('|', ''), position)
  if (!place) throw new Error('no place')
  return place
}
const keys = (marked: string) => {
  const place = at(marked)
  expect(place.asKey).toBe(true)
  return keysAt(root, place.path, place.written).map((one) => one.key)
}
const values = (marked: string) => {
  const place = at(marked)
  expect(place.asKey).toBe(false)
  return valuesAt(root, place.path).map((one) => one.value)
}

const FLOW = `workflow: leave
title: 请假
form:
  days: { title: 天数, type: choice, options: [一天, 两天], required: true }
  where:
    title: 去处
    type: unit
steps:
  - id: draft
    title: 填写
    by: initiator
  - for_each: { unit: doc.units }
    id: each
    title: 会签
    steps:
      - id: opinion
        title: 会签意见
        by: { registry_of: unit }
        pick:
          readers: { title: 读者, people: any }
  - id: head
    title: 审核
`

describe('where the cursor stands', () => {
  it('is at the root, and offers what is not yet written', () => {
    const found = keys('workflow: x\n|\nsteps: []\n')
    expect(found).toContain('title')
    expect(found).not.toContain('steps')
    expect(found).not.toContain('workflow')
  })

  it('is in a step on an empty line', () => {
    const found = keys(`${FLOW}    |`)
    expect(found).toContain('by')
    expect(found).not.toContain('title')
    // A step with a title and an id may still be a block; one by somebody is handled.
    expect(keys(`${FLOW}    by: initiator\n    |`)).not.toContain('choose')
  })

  it('is in a step within a block within steps', () => {
    const place = at('steps:\n  - for_each: { unit: doc.x }\n    steps:\n      - id: a\n        |')
    expect(place.path).toEqual(['steps', 0, 'steps', 0])
    expect([...place.written]).toEqual(['id'])
  })

  it('is at a new item, where a block may begin', () => {
    const place = at('steps:\n  - id: a\n    by: initiator\n  - |')
    expect(place.path).toEqual(['steps', 0])
    expect(place.begins).toBe(true)
    expect(beginningsAt(root, place.path).map((one) => one.value)).toContain('办理环节')
  })

  it('takes a list whose dashes stand under its key', () => {
    expect(at('steps:\n- id: a\n  |').path).toEqual(['steps', 0])
    expect(at('steps:\n- id: a\n  can: [approve]\n- |').path).toEqual(['steps', 0])
  })

  it('is within brackets', () => {
    expect(keys('steps:\n  - by: { |')).toContain('head_of')
    const place = at('steps:\n  - by: { head_of: initiator.unit, exclude: |')
    expect(place.path).toEqual(['steps', 0, 'by', 'exclude'])
    expect(keys('steps:\n  - by: { head_of: initiator.unit, |')).not.toContain('role')
    expect(values('steps:\n  - can: [approve, |')).toContain('send_back')
    expect(at('steps:\n  - can: [approve, sen|').word).toBe('sen')
  })

  it('offers the values of a key', () => {
    expect(values('steps:\n  - id: a\n    vote: |')).toEqual(['all', 'any'])
    expect(values('steps:\n  - id: a\n    by: |')).toContain('head_of')
    expect(values('steps:\n  - id: a\n    due: |')).toContain('2wd')
    expect(values('form:\n  days: { title: 天数, type: |')).toContain('number')
    expect(values('steps:\n  - id: a\n    send_back:\n      resume: |')).toContain('direct')
  })

  it('is nowhere in a comment', () => {
    expect(placeAt('# workf', 7)).toBeNull()
    expect(placeAt('title: 请假 # wei', 13)).toBeNull()
  })
})

describe('what is explained', () => {
  it('is the key under the pointer, where it stands', () => {
    const found = tokenAt(FLOW, FLOW.indexOf('registry_of') + 3)
    expect(found?.token).toBe('registry_of')
    expect(found?.place.asKey).toBe(true)
    if (!found) return
    expect(keyMeaning(root, found.place.path, found.place.written, found.token)).toContain('收发岗')
    const by = tokenAt(FLOW, FLOW.indexOf('by:') + 1)
    if (!by) throw new Error('no token')
    expect(keyMeaning(root, by.place.path, by.place.written, by.token)).toContain('由谁办理')
  })
})

describe('what a file names', () => {
  it('is read while it is written', () => {
    const read = outline(FLOW)
    expect(read.steps.map((one) => one.name)).toEqual(['draft', 'each', 'opinion', 'head'])
    expect(read.steps[2]?.title).toBe('会签意见')
    expect(read.picks.map((one) => `${one.name} ${one.title}`)).toEqual(['readers 读者'])
    expect(read.form[0]?.options).toEqual(['一天', '两天'])
    expect(read.form.map((one) => one.required)).toEqual([true, false])
    expect(read.units).toEqual(['unit'])
    expect(read.form.map((one) => `${one.name} ${one.title} ${one.type}`)).toEqual([
      'days 天数 choice',
      'where 去处 unit',
    ])
  })

  it('fills in values', () => {
    expect(namesFor('unit', NOTHING_KNOWN, FLOW).map((one) => one.name)).toContain('form.where')
    expect(namesFor('back', NOTHING_KNOWN, FLOW).map((one) => one.name)).toContain('opinion')
  })

  it('knows every list that the schema speaks of', () => {
    const lists = [...JSON.stringify(schema).matchAll(/"x-values":"(\w+)"/g)].map(
      (one) => one[1] ?? '',
    )
    const office = { ...NOTHING_KNOWN }
    for (const list of Object.keys(office) as (keyof typeof office)[])
      office[list] = [{ name: list, title: list, type: 'people', options: [] }] as never
    const file = `${FLOW.replace('form:', 'carries: document\nform:')}`
    expect(lists.length).toBeGreaterThan(10)
    for (const list of lists) expect(namesFor(list, office, file), list).not.toEqual([])
  })
})
