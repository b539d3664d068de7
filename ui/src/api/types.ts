/**
 * The shapes of the HTTP API by the names that the pages use. All come from schema.d.ts, generated from
 * docs/openapi.json: what the server changes, the type check finds.
 */
import type { components } from './schema'
import type { Answered, Asked, Facts, FieldValue, PMDoc, PMNode } from './shape'

export type { Facts, FieldValue, PMDoc, PMNode }
type Shapes = components['schemas']
type Shape<Name extends keyof Shapes> = Answered<Shapes[Name]>

export type Id = string
export type Time = string

/** A refusal; a proxy on the way may answer with less than the server does. */
export type Problem = Pick<Shapes['Problem'], 'status' | 'code'> &
  Partial<Pick<Shapes['Problem'], 'type' | 'title' | 'detail'>> & {
    facts?: Record<string, unknown>
  }

export interface Page<T> {
  items: T[]
  next: string | null
  total: number | null
}

export type PersonName = Shape<'PersonName'>
export type Seat = Shape<'Seat'>
export type Session = Shape<'Session'>
export type DemoAccount = Shape<'DemoAccount'>
export type Counts = Shape<'Counts'>
export type Notice = Shape<'Notice'>

export type Box = 'todo' | 'drafts' | 'mine' | 'done' | 'read' | 'cc'
export type Urgency = Shapes['Urgency']
export type CaseStatus = Shapes['CaseState']
export type Due = Shape<'Due'>
export type Row = Shape<'Row'>

/** A field of a form, as the workflow file declares it. */
export type Field = Shape<'Field'>
export type FieldType = Shapes['FieldType']

export type FindingLevel = Shapes['FindingLevel']
export type Finding = Shape<'Finding'>
export type Working = Shape<'WorkingView'>
export type DocumentView = Shape<'DocumentView'>
export type PickView = Shape<'PickView'>
export type TaskView = Shape<'TaskView'>
export type EntryKind = Shapes['EntryKind']
export type Entry = Shape<'Entry'>
export type Act = Shapes['Act']
export type Resume = Shapes['Resume']
export type SendBackTarget = Shape<'BackTarget'>
export type Offer = Shape<'Offer'>
export type StepState = Shape<'StepState'>
/** What is drawn of a workflow: nodes in order of the file, edges forward and back. */
export type Picture = Shape<'Picture'>
export type Attachment = Shape<'Attachment'>
export type Link = Shape<'LinkView'>
export type DeliveryState = Shapes['DeliveryState']
export type Delivery = Shape<'Delivery'>
export type CaseView = Shape<'CaseView'>

export type Chosen = Asked<Shapes['Chosen']>
export type Picked = Asked<Shapes['Picked']>
/** What people ask for. */
export type Command = Asked<Shapes['Command']>
export type BatchItem = Asked<Shapes['BatchItem']>
export type BatchResult = Shape<'BatchResult'>

export type Changes = Shape<'Changes'>
export type Foreseen = Shape<'Foreseen'>
export type Unit = Shape<'Unit'>
export type PersonBrief = Shape<'PersonBrief'>
export type Directory = Shape<'Directory'>

export type WorkflowBrief = Shape<'WorkflowBrief'>
export type WorkflowView = Shape<'WorkflowView'>
/** A trouble in a workflow file, with its place. */
export type FlowProblem = Shape<'FlowProblem'>
export type FlowCheck = Shape<'FlowCheck'>
export type FlowImport = Shape<'FlowImport'>
export type FlowTest = Shape<'FlowTest'>
export type KeptTrial = Shape<'KeptTrial'>
export type TrialView = Shape<'TrialView'>
export type StandstillRow = Shape<'StandstillRow'>
export type Hit = Shape<'Hit'>
export type Series = Shape<'Series'>
export type AuditEvent = Shape<'AuditEvent'>
export type Verified = Shape<'Verified'>
export type OversightRow = Shape<'OversightRow'>

export type FullDirectory = Shape<'FullDirectory'>
export type FullUnit = Shape<'FullUnit'>
export type FullPost = Shape<'FullPost'>
export type FullPerson = Shape<'FullPerson'>
export type FullSeal = Shape<'FullSeal'>
export type DirectoryChange = Asked<Shapes['DirectoryChange']>
export type DirectoryChanged = Shape<'DirectoryChanged'>
export type ImportReport = Shape<'ImportReport'>
export type ImportRow = Shape<'ImportRow'>
export type Account = Shape<'Account'>
export type OneTimePassword = Shape<'OneTimePassword'>
export type OpenWork = Shape<'OpenWork'>
export type HandOverProgress = Shape<'HandOverProgress'>
export type KeptSeries = Shape<'KeptSeries'>
export type NumberFate = Shape<'NumberFate'>
export type JournalLine = Shape<'JournalLine'>
export type JournalKind = Shapes['JournalKind']
