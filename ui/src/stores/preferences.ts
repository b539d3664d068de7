/** What a person set for themselves in this browser: filters that stay, whether the next item opens after an act. */
import type { Urgency } from '@/api/types'
import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'

export interface Filters {
  urgency?: Urgency
  kind?: string
  due?: 'overdue' | 'soon'
  urged?: boolean
  unit?: string
}

export const usePreferences = defineStore('preferences', () => {
  const openNext = useLocalStorage('wenshu.open-next', true)
  const filters = useLocalStorage<Record<string, Filters>>('wenshu.filters', {})
  const lastOpinion = useLocalStorage('wenshu.last-opinion', '')
  const railFolded = useLocalStorage('wenshu.rail-folded', false)
  return { openNext, filters, lastOpinion, railFolded }
})
