/** The workshop of the flow administrator: checking, testing and trying a text, versions, and what stands still. */
import { call, callJson, client } from '@/api/client'
import type {
  Chosen,
  Command,
  Facts,
  FlowImport,
  FlowTest,
  KeptTrial,
  StandstillRow,
  TrialView,
  WorkflowView,
} from '@/api/types'
import { Refusal } from '@/api/problem'
import type { Office } from '@/pages/workflows/editor/names'
import type { Rule } from '@/pages/workflows/editor/rules'

export { checkFlow, fetchFlow } from '@/api/workflows'
export type { FlowTest, StandstillRow }

/** The form of the file, made by the core; it comes with the page, which is of the same release. */
export async function fetchSchema(): Promise<Rule> {
  const { default: schema } = await import('../../../docs/workflow.schema.json')
  return schema as unknown as Rule
}

/** All names that an editor may offer. */
export async function fetchOffice(): Promise<Office> {
  const [words, { units, people }] = await Promise.all([
    call(client.GET('/api/v1/workshop/words')),
    call(client.GET('/api/v1/directory')),
  ])
  const plain = (names: readonly string[]) => names.map((name) => ({ name, title: '' }))
  return {
    roles: plain(words.roles),
    posts: plain(words.posts),
    topics: plain(words.topics),
    units: units.map((unit) => ({ name: unit.id, title: unit.name })),
    people: people.map((one) => ({
      name: one.id,
      title: [one.name, one.posts[0]?.title].filter(Boolean).join(' '),
    })),
    fields: words.fields.map((field) => ({
      name: field.name,
      title: field.title,
      type: field.type,
      options: field.options,
    })),
    effects: words.effects,
    samplePeople: plain(words.sample_people),
  }
}

/** Plays the tests of a text; what keeps it from being played is thrown. */
export async function testFlow(source: string): Promise<{ tests: FlowTest[]; left: number }> {
  const { problems, tests, left } = await call(
    client.POST('/api/v1/workflows/test', { body: { source } }),
  )
  const [first] = problems
  if (first) throw new Refusal({ status: 422, code: first.code, detail: first.message })
  return { tests, left }
}

export interface TrialAct {
  by: Chosen
  at: string
  act: Command
}
export interface Trying {
  /** Whose people play. */
  office: 'today' | 'sample'
  source: string
  by: Chosen
  at: string
  fields: Facts
  acts: TrialAct[]
}

/** Plays a case that nobody keeps. */
export async function tryFlow(body: Trying): Promise<TrialView> {
  const { problems, played } = await call(client.POST('/api/v1/workflows/try', { body }))
  if (played) return played
  throw new Refusal({
    status: 422,
    code: problems[0]?.code ?? 'problems',
    detail: problems[0]?.message ?? '',
  })
}

/** Writes a trial in the sample office into its text as a test, and plays that. */
export const keepTrial = (name: string, trial: Trying): Promise<KeptTrial> =>
  call(client.POST('/api/v1/workflows/transcript', { body: { name, trial } }))

/** The office that tests are played in. */
export const fetchSample = () => call(client.GET('/api/v1/workshop/sample'))

/** A flow as its row in the list has it. */
export interface FlowRow {
  name: string
  title: string
  hash: string
  versions: number
  running: number
  at: string
  by: string
  reason: string
  retired: boolean
  byRegistration: boolean
}

export async function fetchFlowRows(): Promise<FlowRow[]> {
  const flows = await call(client.GET('/api/v1/workshop/flows'))
  return flows.map((flow) => {
    const newest = flow.versions[0]
    return {
      name: flow.name,
      title: flow.title,
      hash: newest?.hash ?? '',
      versions: flow.versions.length,
      running: flow.in_flight,
      at: newest?.deployed_at ?? '',
      by: newest?.deployed_by?.person?.name ?? '',
      reason: newest?.reason ?? '',
      retired: flow.retired !== null,
      byRegistration: flow.by_registration,
    }
  })
}

export interface FlowVersion {
  /** From 1, the oldest. */
  n: number
  hash: string
  at: string
  /** Empty: the system. */
  by: string
  reason: string
  running: number
  current: boolean
}

export async function fetchVersions(name: string) {
  const { flow, deeds } = await call(
    client.GET('/api/v1/workshop/flows/{name}', { params: { path: { name } } }),
  )
  const many = flow.versions.length
  const versions = flow.versions.map((one, index): FlowVersion => ({
    n: many - index,
    hash: one.hash,
    at: one.deployed_at,
    by: one.deployed_by?.person?.name ?? '',
    reason: one.reason,
    running: one.in_flight,
    current: index === 0,
  }))
  return {
    versions,
    deeds,
    retired: flow.retired
      ? {
          by: flow.retired.by?.person?.name ?? '',
          at: flow.retired.at,
          reason: flow.retired.reason,
        }
      : null,
    /** The shipped version is there and is not in use. */
    restorable: flow.shipped !== null && flow.shipped !== flow.versions[0]?.hash,
  }
}

export const fetchVersion = (name: string, hash: string): Promise<WorkflowView> =>
  call(
    client.GET('/api/v1/workshop/flows/{name}/versions/{hash}', {
      params: { path: { name, hash } },
    }),
  )

export const deployFlow = (body: {
  source: string
  reason: string
  base: string | null
  /** The survey whose warnings were read. */
  accepted: string | null
}) => call(client.POST('/api/v1/workflows', { body }))

/** What must be read before a flow is put into use, where that is why it was refused. */
export function unreadWarnings(error: unknown): { messages: string[]; survey: string } | null {
  if (!(error instanceof Refusal) || error.code !== 'warnings_unread') return null
  const { warnings, survey } = error.facts as { warnings: { message: string }[]; survey: string }
  return { messages: warnings.map((one) => one.message), survey }
}

/** Reads a file of this computer, and what is wrong with it. */
export function importFlow(file: File): Promise<FlowImport> {
  const form = new FormData()
  form.append('file', file)
  return callJson<FlowImport>('/api/v1/workflows/import', { method: 'POST', body: form })
}

export const retireFlow = (name: string, reason: string) =>
  call(
    client.POST('/api/v1/workshop/flows/{name}/retire', {
      params: { path: { name } },
      body: { reason },
    }),
  )
export const takeUpFlow = (name: string, reason: string) =>
  call(
    client.POST('/api/v1/workshop/flows/{name}/resume', {
      params: { path: { name } },
      body: { reason },
    }),
  )
export const restoreFlow = (
  name: string,
  reason: string,
  base: string | null,
  accepted: string | null,
) =>
  call(
    client.POST('/api/v1/workshop/flows/{name}/restore', {
      params: { path: { name } },
      body: { reason, base, accepted },
    }),
  )

export type StalledKind = 'nobody' | 'unheld' | 'effect' | 'other'
export const fetchStalled = (wanted: { q?: string; kind?: StalledKind; after?: string }) =>
  call(client.GET('/api/v1/workshop/stalled', { params: { query: wanted } }))

/** How much stands still. */
export async function fetchStalledCount(): Promise<number> {
  const { stalled, unheld } = await fetchStalled({})
  return stalled + unheld
}

/** An administrator's way out. */
export const wayOut = (id: string, act: Command) =>
  call(client.POST('/api/v1/cases/{case}/acts', { params: { path: { case: id } }, body: act }))
