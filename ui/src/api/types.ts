/**
 * The shapes of the HTTP API, as docs/API-DESIGN.md names them. The pages know only these names; where they come from
 * (written here, or generated into schema.d.ts) is this file's business.
 */

export type Id = string
export type Time = string

export interface Problem {
  type?: string
  status: number
  code: string
  title?: string
  detail?: string
  facts?: Record<string, unknown>
}

export interface PersonName {
  id: Id
  name: string
}

export interface Seat {
  post: Id
  title: string
  unit: Id
  unit_name: string
  person: PersonName | null
}

export interface Session {
  person: PersonName & { login: string }
  seat: Seat
  posts: Seat[]
  roles: string[]
  csrf: string
  demo: boolean
  can: { registry: boolean; admin: boolean; security: boolean; audit: boolean }
}

export interface DemoAccount {
  login: string
  name: string
  post: string
  unit: string
  role_title: string
  password: string
}

export interface Counts {
  todo: number
  drafts: number
  mine: number
  done: number
  read: number
  cc: number
  incoming: number
  notices: number
}

export interface Notice {
  id: Id
  kind: string
  text: string
  case: Id | null
  at: Time
  read: boolean
}

export interface Page<T> {
  items: T[]
  next: string | null
  total: number | null
}

export type Box = 'todo' | 'drafts' | 'mine' | 'done' | 'read' | 'cc'
export type Urgency = 'none' | 'urgent' | 'extra_urgent'
export type CaseStatus = 'running' | 'finished' | 'refused' | 'terminated' | 'stalled'

export interface Due {
  at: Time
  provisional: boolean
  days_left: number
}

export interface Row {
  case: Id
  task: number | null
  document: Id | null
  title: string
  kind: string | null
  kind_title: string
  number: string | null
  urgency: Urgency
  workflow: string
  workflow_title: string
  step: Id
  step_title: string
  ask: string
  from: Seat | null
  initiator: Seat
  came_at: Time
  due: Due | null
  changed: boolean
  attachments: number
  urged: boolean
  state: CaseStatus
  where: string
  seen: number | null
  needs_input: boolean
  lead: boolean | null
  closed_by: string | null
}

export type FieldValue =
  string | number | boolean | null | string[] | FieldValue[] | { [key: string]: FieldValue }
export type Facts = Record<string, FieldValue>

/** A field of a form, as the workflow file declares it. */
export interface Field {
  name: string
  title: string
  type: FieldType
  required: boolean
  /** For `choice`. */
  options: string[]
}
export type FieldType =
  | 'text'
  | 'long_text'
  | 'number'
  | 'bool'
  | 'date'
  | 'choice'
  | 'unit'
  | 'units'
  | 'person'
  | 'people'

/** ProseMirror's JSON. */
export interface PMNode {
  type: string
  attrs?: Record<string, unknown>
  content?: PMNode[]
  marks?: { type: string; attrs?: Record<string, unknown> }[]
  text?: string
}
export type PMDoc = PMNode

export type FindingLevel = 'block' | 'warn' | 'local'
export interface Finding {
  rule: string
  level: FindingLevel
  field: string | null
  text: string
  source: string
}

export interface Working {
  fields: Facts
  body: PMDoc | null
  saved_at: Time
  base: number
}

export interface DocumentView {
  id: Id
  version: number
  metadata: Facts
  body: PMDoc
  characters: number
  finalised: boolean
  working: Working | null
  findings: Finding[]
  pdf: boolean
  changed_since_seen: number | null
}

export interface PickView {
  name: string
  title: string
  what: 'people' | 'units'
  lead: boolean
  required: boolean
  candidates: Seat[] | null
}

export interface TaskView {
  id: number
  step: Id
  title: string
  ask: string
  kind: 'handle' | 'read'
  offered: Seat[]
  holder: Seat | null
  mine: boolean
  opened_at: Time
  seen_at: Time | null
  due: Due | null
  why: string
  from: Seat | null
  branch: { unit: Id; unit_name: string; lead: boolean } | null
  state: string
  edit: string[]
  require: string[]
  picks: PickView[]
}

export type EntryKind =
  | 'opinion'
  | 'sent_back'
  | 'transferred'
  | 'closed'
  | 'cc'
  | 'circulated'
  | 'urged'
  | 'withdrawn'
  | 'number'
  | 'finalised'
  | 'rendered'
  | 'sealed'
  | 'dispatched'
  | 'archived'
  | 'started'
  | 'ended'
  | 'passed'
  | 'stalled'
  | 'outdated'
  | 'reopened'
  | 'changed'
  | 'done'

export interface Entry {
  at: Time
  kind: EntryKind
  by: Seat | null
  step_title: string
  text: string
  said: string
  version: number | null
  round: number | null
  outdated: boolean
}

export type Act =
  | 'approve'
  | 'refuse'
  | 'send_back'
  | 'transfer'
  | 'claim'
  | 'release'
  | 'open'
  | 'read'
  | 'cc'
  | 'circulate'
  | 'withdraw'
  | 'reopen'
  | 'urge'
  | 'terminate'
  | 'retry'

export type Resume = 'direct' | 'stepwise'

export interface SendBackTarget {
  step: Id
  title: string
  kind: 'previous' | 'initiator' | 'step'
  out_of_block: boolean
  resume: Resume[]
  consequence: string
}

export interface Offer {
  act: Act
  task: number | null
  targets?: SendBackTarget[]
  opinion_required: boolean
}

export interface StepState {
  id: Id
  state: 'done' | 'current' | 'waiting' | 'passed' | 'skipped'
  who: string[]
  rounds: number
}

/** What is drawn of a workflow: nodes in order of the file, edges forward and back. */
export interface Picture {
  nodes: { id: Id; title: string; kind: string; who: string | null }[]
  edges: {
    from: Id
    to: Id
    kind: 'next' | 'branch' | 'alternative' | 'back'
    label: string | null
  }[]
}

export interface Attachment {
  id: Id
  name: string
  size: number
  media: string
  sha: string
  by: Seat | null
  at: Time
}

export interface Link {
  case: Id
  kind: string
  title: string
  number: string | null
}

export type DeliveryState = 'sent' | 'signed' | 'registered' | 'returned' | 'withdrawn'

export interface Delivery {
  id: Id
  case: Id
  title: string
  number: string | null
  kind_title: string
  urgency: Urgency
  from_unit: Id
  from_unit_name: string
  to_unit: Id
  to_unit_name: string
  state: DeliveryState
  sent_at: Time
  signed_at: Time | null
  signed_by: Seat | null
  returned_reason: string | null
  registered_case: Id | null
  urged_at: Time | null
  own_case: string | null
}

export interface CaseView {
  id: Id
  title: string
  workflow: { name: string; title: string; hash: string }
  state: CaseStatus
  started_at: Time
  ended_at: Time | null
  initiator: Seat
  where: string
  stalled: { title: string; reason: string } | null
  document: DocumentView | null
  form: { fields: Field[]; values: Facts } | null
  tasks: TaskView[]
  timeline: Entry[]
  offers: Offer[]
  steps: StepState[]
  picture: Picture
  attachments: Attachment[]
  links: Link[]
  deliveries: { total: number; signed: number } | null
  access: 'holder' | 'involved' | 'cc' | 'oversight'
}

export interface Chosen {
  person: Id
  post?: Id
}

export interface Picked {
  people?: Chosen[]
  units?: Id[]
  lead?: Id | null
}

/** What people ask for; core's `Command` without what only the system says. */
export type Command =
  | {
      act: 'complete'
      task: number
      outcome: 'approved' | 'refused'
      opinion?: string
      changes?: Facts
      picks?: Record<string, Picked>
      seen?: number | null
      working?: boolean
    }
  | { act: 'send_back'; task: number; to: Id; resume: Resume | null; opinion: string }
  | { act: 'transfer'; task: number; to: Chosen; opinion: string }
  | { act: 'claim' | 'release' | 'open' | 'reopen'; task: number }
  | { act: 'read'; task: number; opinion: string }
  | { act: 'withdraw'; reason: string }
  | { act: 'cc' | 'circulate'; task: number | null; to: Chosen[]; note: string }
  | { act: 'urge'; text: string }
  | { act: 'terminate'; task: number | null; reason: string }
  | { act: 'retry' }

export interface BatchItem {
  case: Id
  task: number
  seen: number | null
}
export interface BatchResult {
  case: Id
  task: number
  ok: boolean
  code?: string
  detail?: string
}

export interface Changes {
  from: number
  to: number
  fields: { name: string; title: string; old: FieldValue; new: FieldValue }[]
  body: { kind: 'same' | 'del' | 'ins'; text: string }[]
  opinions: Entry[]
  attachments: Attachment[]
}

export interface Foreseen {
  step: Id
  title: string
  who: string[]
  /** The unit, where the step runs once for each. */
  branch?: string | null
  due?: Time | null
  /** Nobody holds the post: the case would stall here. */
  vacant?: boolean
}

export interface Unit {
  id: Id
  name: string
  short: string
  parent: Id | null
  group: string | null
  organ: boolean
  order: number
  registry: boolean
}
export interface PersonBrief {
  id: Id
  name: string
  pinyin: string
  initials: string
  posts: { post: Id; title: string; unit: Id }[]
}
export interface Directory {
  version: number
  units: Unit[]
  people: PersonBrief[]
}

export interface WorkflowBrief {
  name: string
  title: string
  carries: string
  form?: Field[]
  hash: string
}
export interface WorkflowView {
  name: string
  title: string
  hash: string
  source: string
  picture: Picture
}
/** A trouble in a workflow file, with its place. */
export interface FlowProblem {
  code: string
  line: number
  column: number
  end_column: number
  from: number
  to: number
  message: string
  excerpt: string
  hint: string
}
export interface FlowCheck {
  problems: FlowProblem[]
  picture?: Picture | null
  tests: { name: string; ok: boolean; trouble?: string | null }[]
}

export interface Hit {
  case: Id
  title: string
  number: string | null
  kind_title: string
  snippet: string
  at: Time
  unit_name: string
}

export interface Series {
  id: Id
  organ: Id
  code: string
  title: string
  kinds: string[]
  next: string | null
}

export interface AuditEvent {
  stream: string
  seq: number
  at: Time
  by: string
  text: string
  hash: string
}
export interface Verified {
  ok: boolean
  events: number
  head: string
  trouble?: string | null
}

export interface OversightRow {
  case: Id
  title: string
  number: string | null
  workflow_title: string
  state: CaseStatus
  where: string
  initiator: Seat
  started_at: Time
  ended_at: Time | null
  stalled: { title: string; reason: string } | null
}
