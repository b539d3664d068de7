// Keeps a working copy saved while somebody writes: a while after the last change, one save at a time, and never
// over what another window saved meanwhile.
import { Refusal, words } from '@/api/problem'
import { onScopeDispose, ref } from 'vue'

export type SaveState = 'idle' | 'dirty' | 'saving' | 'saved' | 'failed' | 'stale'

/** The document has another version, or another window saved a working copy. */
const CONFLICTS = new Set(['stale', 'saved_elsewhere'])

/** When the server cannot be reached it is tried again by itself: soon, then less and less often. */
const AGAIN = 4_000
const SELDOM = 60_000

interface Saved {
  saved_at: string
  base: number
}

export function useAutosave(
  save: (base: number, after: string | null) => Promise<Saved>,
  wait = 1200,
) {
  const state = ref<SaveState>('idle')
  const savedAt = ref<string | null>(null)
  const trouble = ref('')
  const base = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<boolean> | null = null
  let again = false
  let pause = AGAIN

  function begin(from: number, at: string | null) {
    base.value = from
    savedAt.value = at
    state.value = at ? 'saved' : 'idle'
  }

  /** Something was changed. */
  function touch() {
    if (state.value === 'stale') return
    again = true
    if (state.value !== 'saving') state.value = 'dirty'
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), wait)
  }

  async function once(): Promise<boolean> {
    again = false
    state.value = 'saving'
    try {
      const saved = await save(base.value, savedAt.value)
      base.value = saved.base
      savedAt.value = saved.saved_at
      trouble.value = ''
      pause = AGAIN
      state.value = again ? 'dirty' : 'saved'
      return true
    } catch (error) {
      again = true
      trouble.value = words(error)
      state.value = error instanceof Refusal && CONFLICTS.has(error.code) ? 'stale' : 'failed'
      if (error instanceof Refusal && error.passing) {
        timer = setTimeout(() => void flush(), pause)
        pause = Math.min(pause * 2, SELDOM)
      }
      return false
    }
  }

  /** Saves what is not saved yet; says whether all is safe. */
  async function flush(): Promise<boolean> {
    clearTimeout(timer)
    if (state.value === 'stale') return false
    while (running) await running
    if (!again) return true
    running = once()
    const fine = await running
    running = null
    return fine && again ? flush() : fine
  }

  /** After a conflict: what is here shall stand, on top of what is there now. */
  function keepMine(from: number, at: string | null) {
    base.value = from
    savedAt.value = at
    state.value = 'dirty'
    again = true
    return flush()
  }

  const back = () => {
    if (state.value === 'failed') void flush()
  }
  window.addEventListener('online', back)
  onScopeDispose(() => {
    clearTimeout(timer)
    window.removeEventListener('online', back)
  })
  return { state, savedAt, trouble, base, begin, touch, flush, keepMine }
}
