/** Where a person may go, with what waits there. Nothing is listed that they may not open. */
import { call, client } from '@/api/client'
import type { Counts } from '@/api/types'
import { useSession } from '@/stores/session'
import {
  CircleCheck,
  Avatar,
  Connection,
  DataLine,
  EditPen,
  Files,
  Key,
  List,
  Message,
  OfficeBuilding,
  Promotion,
  Reading,
  Search,
  Stamp,
  Tickets,
} from '@element-plus/icons-vue'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Component } from 'vue'
import { useI18n } from 'vue-i18n'

export interface Place {
  name: string
  to: string
  label: string
  icon: Component
  count: number | null
  /** Said with the count, because 12 of what is not plain. */
  counted: string
  /** Whether the count is work that waits, or only how many there are. */
  waits: boolean
  also?: string[]
}

export function useCounts() {
  const session = useSession()
  return useQuery({
    queryKey: ['counts'],
    queryFn: () => call(client.GET('/api/v1/counts')),
    enabled: computed(() => session.session !== null && !session.mustChange),
    refetchInterval: 60_000,
  })
}

export function usePlaces() {
  const { t } = useI18n()
  const session = useSession()
  const { data: counts } = useCounts()

  return computed<Place[]>(() => {
    const n = counts.value
    const place = (
      name: string,
      icon: Component,
      label: string,
      of: keyof Counts | null,
      waits = false,
    ): Place => {
      const count = of && n ? n[of] : null
      const counted = count ? t('nav.count', { n: count }) : ''
      return { name, to: `/${name}`, label, icon, count, counted, waits }
    }
    const reading = place('read', Reading, t('box.read'), 'read', true)
    if (n) reading.count = n.read + n.cc
    if (reading.count) reading.counted = t('nav.count', { n: reading.count })
    reading.also = ['cc']
    const places = [
      place('todo', Tickets, t('box.todo'), 'todo', true),
      place('drafts', EditPen, t('box.drafts'), 'drafts'),
      place('mine', Files, t('box.mine'), 'mine'),
      place('done', CircleCheck, t('box.done'), null),
      reading,
    ]
    if (session.can.registry) {
      places.push(place('incoming', Message, t('nav.incoming'), 'incoming', true))
      places.push(place('outgoing', Promotion, t('nav.outgoing'), null))
    }
    places.push(place('search', Search, t('nav.search'), null))
    if (session.can.oversight) places.push(place('oversight', DataLine, t('nav.oversight'), null))
    if (session.can.workshop) {
      const flows = place('workflows', Connection, t('nav.workflows'), null)
      flows.also = ['workflow', 'workflow-edit', 'workflow-new', 'stalled']
      places.push(flows)
    }
    if (session.can.staff) {
      places.push(place('staff', OfficeBuilding, t('nav.staff'), null))
      places.push(place('people', Avatar, t('nav.people'), null))
    }
    if (session.can.rights) places.push(place('rights', Key, t('nav.rights'), null))
    if (session.can.keeper) places.push(place('numbers', Stamp, t('nav.numbers'), null))
    if (session.can.journal) places.push(place('journal', List, t('nav.journal'), null))
    return places
  })
}
