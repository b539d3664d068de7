/** The text that is being written of a flow: begun from the version in use, kept in this browser, thrown away on request. */
import { useSession } from '@/stores/session'
import { useDebounceFn } from '@vueuse/core'
import { computed, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { forget, keep, kept } from './kept'

/** A version that a text is begun from. */
export interface Base {
  hash: string
  source: string
}

export function useDraft(flow: Ref<string>, now: Ref<Base | null>, beginning: () => string) {
  const session = useSession()
  const person = session.session?.person.id ?? ''
  const text = ref('')
  /** The version that the text was begun from. */
  const base = ref('')
  /** Since when there is something that is not in use. */
  const keptAt = ref('')
  const restored = ref(false)
  const cannotKeep = ref(false)
  const ready = ref(false)
  const original = computed(() => now.value?.source ?? '')
  const changed = computed(() => ready.value && text.value !== original.value)
  /** Somebody put another version into use meanwhile. */
  const behind = computed(
    () =>
      changed.value && Boolean(now.value) && base.value !== '' && base.value !== now.value?.hash,
  )

  function begin() {
    const found = kept(person, flow.value)
    if (found && found.source !== original.value) {
      text.value = found.source
      base.value = found.base
      keptAt.value = found.at
      restored.value = true
    } else {
      text.value = now.value?.source ?? beginning()
      base.value = now.value?.hash ?? ''
      keptAt.value = ''
      restored.value = false
    }
    ready.value = true
  }
  watch(
    [flow, now],
    ([name, version], [before]) => {
      if (name !== before) ready.value = false
      if (!ready.value && (version || name === '')) begin()
      // Nothing was written: follow what is in use.
      else if (version && ready.value && !keptAt.value) {
        text.value = version.source
        base.value = version.hash
      }
    },
    { immediate: true },
  )

  function store() {
    if (!ready.value) return
    if (changed.value && text.value !== beginning()) {
      const at = new Date().toISOString()
      const done = keep(person, flow.value, { source: text.value, base: base.value, at })
      cannotKeep.value = !done
      keptAt.value = at
    } else {
      forget(person, flow.value)
      keptAt.value = ''
      restored.value = false
    }
  }
  const later = useDebounceFn(store, 400)
  watch(text, () => void later())
  onBeforeUnmount(() => {
    if (keptAt.value || changed.value) store()
  })

  function throwAway() {
    forget(person, flow.value)
    keptAt.value = ''
    restored.value = false
    text.value = now.value?.source ?? beginning()
    base.value = now.value?.hash ?? ''
  }
  /** Goes on from what is in use now, keeping what was written. */
  function follow() {
    base.value = now.value?.hash ?? ''
    store()
  }
  /** What was written is in use. */
  function done() {
    forget(person, flow.value)
    keptAt.value = ''
    restored.value = false
  }
  return {
    text,
    base,
    keptAt,
    restored,
    cannotKeep,
    ready,
    changed,
    behind,
    throwAway,
    follow,
    done,
  }
}
