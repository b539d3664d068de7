/** Items ticked in a list. What has left the list is no longer ticked. */
import { computed, ref } from 'vue'

export function useSelection<T>(items: () => T[], keyOf: (item: T) => string) {
  const keys = ref<Set<string>>(new Set())
  const chosen = computed(() => items().filter((item) => keys.value.has(keyOf(item))))
  const all = computed(() => chosen.value.length > 0 && chosen.value.length === items().length)

  function choose(item: T, on: boolean) {
    const next = new Set(keys.value)
    if (on) next.add(keyOf(item))
    else next.delete(keyOf(item))
    keys.value = next
  }
  function chooseAll(on: boolean) {
    keys.value = on ? new Set(items().map(keyOf)) : new Set()
  }
  const has = (item: T) => keys.value.has(keyOf(item))
  return { chosen, all, choose, chooseAll, has }
}
