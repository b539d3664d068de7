/** What the registries know of documents between departments: their queries, and receipts counted by document. */
import { call, client } from '@/api/client'
import type { Delivery, DeliveryState } from '@/api/types'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'

export const STATES: DeliveryState[] = ['sent', 'signed', 'registered', 'returned']

export function useDeliveries(side: 'in' | 'out', state: Ref<DeliveryState | ''>) {
  const query = useInfiniteQuery({
    queryKey: ['deliveries', side, state],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      call(
        client.GET('/api/v1/deliveries', {
          params: {
            query: {
              side,
              limit: side === 'out' ? 200 : 50,
              ...(state.value ? { state: state.value } : {}),
              ...(pageParam ? { after: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const items = computed<Delivery[]>(
    () => query.data.value?.pages.flatMap((page) => page.items) ?? [],
  )
  return { ...query, items }
}

export interface Sent {
  case: string
  title: string
  number: string | null
  kind_title: string
  urgency: Delivery['urgency']
  sent_at: string
  all: Delivery[]
  waiting: Delivery[]
  returned: Delivery[]
  signed: number
}

/** One line per document that went out, in the order of the list. */
export function bySending(deliveries: Delivery[]): Sent[] {
  const found = new Map<string, Sent>()
  for (const one of deliveries) {
    let sent = found.get(one.case)
    if (!sent) {
      const { title, number, kind_title, urgency, sent_at } = one
      sent = {
        case: one.case,
        title,
        number,
        kind_title,
        urgency,
        sent_at,
        all: [],
        waiting: [],
        returned: [],
        signed: 0,
      }
      found.set(one.case, sent)
    }
    sent.all.push(one)
    switch (one.state) {
      case 'sent':
        sent.waiting.push(one)
        break
      case 'signed':
      case 'registered':
        sent.signed += 1
        break
      case 'returned':
        sent.returned.push(one)
        break
      case 'withdrawn':
        break
    }
  }
  return [...found.values()]
}
