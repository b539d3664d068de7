import type { Box, Row } from '@/api/types'
import { describe, expect, it } from 'vitest'
import { mounted } from '@/testing/office'
import { barred, keyOf } from './rows'
import WorkRow from './WorkRow.vue'

const seat = {
  post: 'p1',
  title: '科长',
  unit: 'u1',
  unit_name: '文秘科',
  person: { id: '1', name: '林秋' },
}
const row: Row = {
  case: 'c1',
  task: 3,
  document: 'd1',
  title: '关于做好防汛工作的通知',
  summary: '',
  kind: 'notice',
  kind_title: '通知',
  number: null,
  urgency: 'none',
  workflow: 'outgoing',
  workflow_title: '发文',
  step: 's',
  step_title: '审核',
  ask: '请审核',
  from: seat,
  initiator: seat,
  came_at: '2026-11-20T01:00:00Z',
  due: null,
  changed: false,
  attachments: 0,
  urged: false,
  state: 'running',
  where: '',
  seen: 1,
  needs_input: false,
  lead: null,
  closed_by: null,
}

describe('approving from the list', () => {
  it('is possible for a task that needs nothing more', () => {
    expect(barred(row)).toBeNull()
  })

  it('is not for a text that changed, a choice to make, or a case that waits for others', () => {
    expect(barred({ ...row, changed: true })).toBe('changed')
    expect(barred({ ...row, needs_input: true })).toBe('needs_input')
    expect(barred({ ...row, task: null })).toBe('no_task')
  })

  it('tells two tasks of one case apart', () => {
    expect(keyOf(row)).not.toBe(keyOf({ ...row, task: 4 }))
  })
})

describe('lateness', () => {
  it('is said of what is still to be done, not of what was done in time long ago', () => {
    const due = { at: '2026-11-04T15:59:00Z', provisional: false, days_left: -12 }
    const said = (box: Box) =>
      mounted(WorkRow, { row: { ...row, due }, box, at: false, selected: false }).text()
    expect(said('todo')).toContain('超期 12 个工作日')
    expect(said('read')).toContain('超期 12 个工作日')
    expect(said('done')).not.toContain('超期')
    expect(said('mine')).not.toContain('超期')
  })
})
