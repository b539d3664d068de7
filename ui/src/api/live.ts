/**
 * What the server tells while a page is open: counts go into the cache, a changed case makes lists stale, and pages
 * that show the case are told and decide themselves, because nothing may jump while somebody reads.
 */
import type { QueryClient } from '@tanstack/vue-query'
import { onScopeDispose, readonly, ref, toValue, type MaybeRefOrGetter } from 'vue'
import type { Counts, Notice } from './types'

type Heard = (caseId: string) => void

/** How long the line may be down before anybody is told, and between two tries after the browser gave up. */
const GRACE = 3_000
const AGAIN = 5_000

const listeners = new Set<Heard>()
const connected = ref(true)
let source: EventSource | null = null
let telling: ReturnType<typeof setTimeout> | undefined
let trying: ReturnType<typeof setTimeout> | undefined

export const live = { connected: readonly(connected) }

/** What the machine itself knows of the line is sooner than what comes, or does not come, through it. */
let again: (() => void) | null = null
if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => {
    if (source) connected.value = false
  })
  window.addEventListener('online', () => again?.())
}

export function listen(queries: QueryClient, onNotice: (notice: Notice) => void) {
  hangUp()
  if (typeof EventSource === 'undefined') return
  const opened = new EventSource('/api/v1/events')
  source = opened
  again = () => listen(queries, onNotice)
  opened.addEventListener('open', () => {
    clearTimeout(telling)
    telling = undefined
    // What happened while the line was down was not told.
    if (!connected.value) void queries.invalidateQueries()
    connected.value = true
  })
  opened.addEventListener('error', () => {
    telling ??= setTimeout(() => (connected.value = false), GRACE)
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return
    // The browser tries again by itself only when the line broke, not when it was refused.
    clearTimeout(trying)
    trying = setTimeout(() => listen(queries, onNotice), AGAIN)
  })
  opened.addEventListener('counts', (event) => {
    const now = JSON.parse(event.data) as Counts
    const before = queries.getQueryData<Counts>(['counts'])
    queries.setQueryData(['counts'], now)
    // What came to the registry, or was taken back, is no case of one's own yet.
    if (before && before.incoming !== now.incoming) {
      void queries.invalidateQueries({ queryKey: ['deliveries'] })
    }
  })
  opened.addEventListener('case', (event) => {
    const { case: id } = JSON.parse(event.data) as { case: string }
    void queries.invalidateQueries({ queryKey: ['worklist'] })
    void queries.invalidateQueries({ queryKey: ['deliveries'] })
    for (const heard of listeners) heard(id)
  })
  opened.addEventListener('notice', (event) => {
    void queries.invalidateQueries({ queryKey: ['notices'] })
    void queries.invalidateQueries({ queryKey: ['counts'] })
    // What is said of a delivery, e.g. that it is urged, concerns no case of one's own.
    void queries.invalidateQueries({ queryKey: ['worklist'] })
    void queries.invalidateQueries({ queryKey: ['deliveries'] })
    onNotice(JSON.parse(event.data) as Notice)
  })
}

export function hangUp() {
  clearTimeout(trying)
  again = null
  source?.close()
  source = null
}

/** Calls `heard` when the case changed on the server, as long as the component lives. */
export function onCaseChanged(id: MaybeRefOrGetter<string>, heard: () => void) {
  const listener: Heard = (changed) => {
    if (changed === toValue(id)) heard()
  }
  listeners.add(listener)
  onScopeDispose(() => listeners.delete(listener))
}
