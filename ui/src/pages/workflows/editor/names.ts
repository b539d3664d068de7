/** The names that fill in a value: of the office (posts, units, roles, people), of documents (fields), of the file. */
import { outline, type Named } from './outline'

export interface OfficeField extends Named {
  type: string
  options: string[]
}
/** What the office knows, fetched once for the editor. */
export interface Office {
  roles: Named[]
  posts: Named[]
  topics: Named[]
  units: Named[]
  people: Named[]
  fields: OfficeField[]
  effects: Named[]
  samplePeople: Named[]
}

export const NOTHING_KNOWN: Office = {
  roles: [],
  posts: [],
  topics: [],
  units: [],
  people: [],
  fields: [],
  effects: [],
  samplePeople: [],
}

const under = (prefix: string, all: readonly Named[]) =>
  all.map((one) => ({ name: `${prefix}${one.name}`, title: one.title }))

/** The list that the schema calls `list`, as far as it is known. */
export function namesFor(list: string, office: Office, text: string): Named[] {
  const file = outline(text)
  const fields: { name: string; title: string; type: string }[] = file.document
    ? office.fields
    : file.form
  const prefix = file.document ? 'doc.' : 'form.'
  const ofType = (...types: string[]) => fields.filter((field) => types.includes(field.type))
  switch (list) {
    case 'step':
      return [...file.steps, { name: 'end', title: '办结' }]
    case 'back':
      return [
        { name: 'previous', title: '上一环节' },
        { name: 'initiator', title: '发起人' },
        ...file.steps,
      ]
    case 'field':
      return fields
    case 'given':
      return fields
    case 'role':
      return office.roles
    case 'post':
      return office.posts
    case 'unit_id':
      return office.units
    case 'person_id':
      return office.people
    case 'sample_person':
      return office.samplePeople
    case 'picked':
      return file.picks
    case 'topic':
      return [...office.topics, ...under(prefix, ofType('text', 'choice'))]
    case 'effect':
      return office.effects
    case 'people_field':
      return under(prefix, ofType('person', 'people'))
    case 'unit_list':
      return [...under(prefix, ofType('units')), ...under('picked.', file.picks)]
    case 'unit':
      return [
        { name: 'initiator.unit', title: '发起人的单位' },
        { name: 'initiator.unit.organ', title: '发起人的机关' },
        { name: 'initiator.unit.parent', title: '发起人单位的上级' },
        ...file.units.map((name) => ({ name, title: '这一支的单位' })),
        ...under(prefix, ofType('unit')),
      ]
    case 'condition':
      return [
        ...under(prefix, fields),
        { name: 'initiator.unit', title: '发起人的单位' },
        { name: 'initiator.organ', title: '发起人的机关' },
        { name: 'size', title: '有几个：size(doc.recipients) > 20' },
      ]
    default:
      return []
  }
}
