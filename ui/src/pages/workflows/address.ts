/** What a list is looked through for, kept in the address: it can be sent, and going back finds it again. */
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useAddress<V extends string>(
  name: string,
  without: V,
  allowed?: readonly V[],
): WritableComputedRef<V> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const said = route.query[name]
      const value = (typeof said === 'string' ? said : without) as V
      return !allowed || allowed.includes(value) ? value : without
    },
    set: (value) => {
      const query = { ...route.query }
      if (value === without) delete query[name]
      else query[name] = value
      void router.replace({ query })
    },
  })
}
