/** A text checked by the server while it is written: asked after a pause, and an answer that comes late is dropped. */
import { words } from '@/api/problem'
import { useDebounceFn } from '@vueuse/core'
import { ref, shallowRef, watch, type Ref } from 'vue'

export function useChecking<R>(text: Ref<string>, check: (text: string) => Promise<R>) {
  const result = shallowRef<R | null>(null)
  /** The text that the result speaks of. */
  const of = ref('')
  const checking = ref(false)
  const trouble = ref('')
  let turn = 0

  async function now() {
    const mine = ++turn
    const asked = text.value
    if (asked.trim() === '') {
      result.value = null
      checking.value = false
      return
    }
    checking.value = true
    try {
      const answer = await check(asked)
      if (mine !== turn) return
      trouble.value = ''
      of.value = asked
      result.value = answer
    } catch (error) {
      if (mine === turn) trouble.value = words(error)
    } finally {
      if (mine === turn) checking.value = false
    }
  }
  const later = useDebounceFn(now, 250)
  watch(
    text,
    () => {
      // What is under way speaks of an older text.
      turn++
      checking.value = true
      void later()
    },
    { immediate: true },
  )
  return { result, of, checking, trouble, now }
}
