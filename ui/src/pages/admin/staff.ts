/** The organisation as administrators see it, and its changes: each is sent with the version that was looked at. */
import { call, client } from '@/api/client'
import type { DirectoryChange, DirectoryChanged, FullPost, FullUnit } from '@/api/types'
import { tell } from '@/lib/tell'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

/** Roles with powers over the system; flows may name others. */
export const ROLES = ['flow-admin', 'system-admin', 'security-admin', 'audit-admin'] as const

export interface TreeRow {
  unit: FullUnit
  depth: number
  inside: number
}

/** Units under each other, in their order; a unit whose parent is not there stands at the top. */
export function treeOf(units: readonly FullUnit[]): TreeRow[] {
  const known = new Set(units.map((unit) => unit.id))
  const under = new Map<string, FullUnit[]>()
  for (const unit of units) {
    const parent = unit.parent && known.has(unit.parent) ? unit.parent : ''
    under.set(parent, [...(under.get(parent) ?? []), unit])
  }
  const rows: TreeRow[] = []
  const walk = (parent: string, depth: number) => {
    for (const unit of under.get(parent) ?? []) {
      rows.push({ unit, depth, inside: under.get(unit.id)?.length ?? 0 })
      walk(unit.id, depth + 1)
    }
  }
  walk('', 0)
  return rows
}

/** Room is left for the number of the next like it. */
const LONGEST = 48

/** `wanted`, or the next like it that nobody has. */
export function freeId(wanted: string, taken: (id: string) => boolean): string {
  const base = wanted.replace(/[^a-z0-9-]/g, '').slice(0, LONGEST) || 'x'
  if (!taken(base)) return base
  for (let n = 2; ; n++) if (!taken(`${base}-${n}`)) return `${base}-${n}`
}

export function useStaff() {
  const { t, te } = useI18n()
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['admin', 'directory'],
    queryFn: () => call(client.GET('/api/v1/admin/directory')),
  })
  const units = computed(() => query.data.value?.units ?? [])
  const posts = computed(() => query.data.value?.posts ?? [])
  const people = computed(() => query.data.value?.people ?? [])
  const seals = computed(() => query.data.value?.seals ?? [])
  const unitById = computed(() => new Map(units.value.map((unit) => [unit.id, unit])))
  const postById = computed(() => new Map(posts.value.map((post) => [post.id, post])))
  const personById = computed(() => new Map(people.value.map((person) => [person.id, person])))
  const unitName = (id: string | null) => (id ? (unitById.value.get(id)?.short ?? id) : '')
  const personName = (id: string) => personById.value.get(id)?.name ?? id
  /** 财政局 局长（王建国） */
  const postName = (id: string | null) => {
    const post = id ? postById.value.get(id) : undefined
    return post ? `${unitName(post.unit)} ${post.title}` : (id ?? '')
  }
  const roleName = (role: string) => (te(`admin.role.${role}`) ? t(`admin.role.${role}`) : role)
  const withHolders = (post: FullPost) =>
    post.holders.length ? post.holders.map(personName).join('、') : t('admin.vacant')
  const postsOf = (person: string) =>
    posts.value.filter((post) => !post.disabled && post.holders.includes(person))

  /** All or none; throws what the server refuses. */
  async function change(changes: DirectoryChange[]): Promise<DirectoryChanged> {
    const version = query.data.value?.version
    const done = await call(
      client.POST('/api/v1/admin/directory/changes', {
        body: { changes, ...(version === undefined ? {} : { version }) },
      }),
    )
    await said(done)
    return done
  }
  /** Says what was done, and what now lies with nobody. */
  async function said(done: DirectoryChanged) {
    if (done.said.length) tell.done(done.said.join('；'))
    else tell.note(t('admin.was_so'))
    if (done.hanging.length) tell.note(t('admin.hanging', { n: done.hanging.length }))
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['admin'] }),
      queries.invalidateQueries({ queryKey: ['directory'] }),
    ])
  }
  /** The same for a button without a dialog. */
  async function changeNow(changes: DirectoryChange[]) {
    try {
      await change(changes)
    } catch (error) {
      tell.refusal(error)
      await queries.invalidateQueries({ queryKey: ['admin', 'directory'] })
    }
  }
  return {
    query,
    units,
    posts,
    people,
    seals,
    unitById,
    postById,
    personById,
    unitName,
    personName,
    postName,
    roleName,
    withHolders,
    postsOf,
    change,
    changeNow,
    said,
  }
}
