/** What the registries know of documents between departments: their queries, and receipts counted by document. */
import { call, client } from '@/api/client'
import type { Delivery, DeliveryState } from '@/api/types'
import { useListing } from '@/lib/listing'
import type { Ref } from 'vue'

export const STATES: DeliveryState[] = ['sent', 'signed', 'registered', 'returned']

export function useDeliveries(side: 'in' | 'out', state?: Ref<DeliveryState>) {
  return useListing<Delivery>({
    key: ['deliveries', side, state],
    fetch: (from) =>
      call(
        client.GET('/api/v1/deliveries', {
          params: {
            query: {
              side,
              limit: side === 'out' ? 200 : 50,
              ...(state ? { state: state.value } : {}),
              ...from,
            },
          },
        }),
      ),
  })
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
