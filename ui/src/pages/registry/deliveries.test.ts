import type { Delivery, DeliveryState } from '@/api/types'
import { describe, expect, it } from 'vitest'
import { bySending } from './deliveries'

function delivery(of: string, to: string, state: DeliveryState): Delivery {
  return {
    id: `${of}-${to}`,
    case: of,
    title: `关于${of}的通知`,
    number: null,
    kind_title: '通知',
    urgency: 'none',
    from_unit: 'a',
    from_unit_name: '市政府办公室',
    to_unit: to,
    to_unit_name: to,
    state,
    sent_at: '2026-11-20T01:00:00Z',
    signed_at: null,
    signed_by: null,
    returned_reason: null,
    registered_case: null,
    urged_at: null,
    own_case: null,
    own_number: null,
  }
}

describe('documents that went out', () => {
  it('are one line each, with who has signed, who has not and who returned it', () => {
    const [first, second, ...rest] = bySending([
      delivery('防汛', '财政局', 'registered'),
      delivery('防汛', '司法局', 'sent'),
      delivery('防火', '财政局', 'signed'),
      delivery('防汛', '教育局', 'returned'),
      delivery('防汛', '审计局', 'withdrawn'),
    ])
    expect(rest).toEqual([])
    expect(first?.all).toHaveLength(4)
    expect(first?.signed).toBe(1)
    expect(first?.waiting.map((one) => one.to_unit)).toEqual(['司法局'])
    expect(first?.returned.map((one) => one.to_unit)).toEqual(['教育局'])
    expect(second?.signed).toBe(1)
  })
})
