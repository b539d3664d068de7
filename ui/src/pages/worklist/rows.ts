/** One page of work: its query, and what may be approved from the list without opening it. */
import { call, client } from '@/api/client'
import type { Box, Row } from '@/api/types'
import { useListing } from '@/lib/listing'
import type { Filters } from '@/stores/preferences'
import type { Ref } from 'vue'

export function useRows(box: Ref<Box>, filters: Ref<Filters>) {
  return useListing<Row>({
    key: ['worklist', box, filters],
    fetch: (from) =>
      call(
        client.GET('/api/v1/worklist', {
          params: { query: { box: box.value, ...filters.value, ...from } },
        }),
      ),
    // Another filter on the same list keeps what is shown until its answer is there.
    keep: (shown) => shown[1] === box.value,
  })
}

/** A row is one task, or one case where no task is meant. */
export function keyOf(row: Row): string {
  return `${row.case}:${row.task ?? ''}`
}

export type Bar = 'no_task' | 'changed' | 'needs_input'

/** Why a row cannot be approved from the list; null when it can. */
export function barred(row: Row): Bar | null {
  if (row.task === null) return 'no_task'
  if (row.changed) return 'changed'
  if (row.needs_input) return 'needs_input'
  return null
}
