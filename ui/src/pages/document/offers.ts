// Which acts are offered, how they are called, and where they stand.
import type { Act, CaseView, Offer, TaskView } from '@/api/types'

/** My tasks in this case: what is to be handled before what is only to be read. */
export function myTasks(view: CaseView): TaskView[] {
  const mine = view.tasks.filter(
    (task) => task.mine && task.state !== 'done' && task.state !== 'closed',
  )
  return [
    ...mine.filter((task) => task.kind === 'handle'),
    ...mine.filter((task) => task.kind !== 'handle'),
  ]
}

/** The one that the page is about: the one asked for, as long as it is there. */
export function myTask(view: CaseView, wanted: number | null = null): TaskView | null {
  const mine = myTasks(view)
  return mine.find((task) => task.id === wanted) ?? mine[0] ?? null
}

/** An act offered on this task, or on the case as a whole. */
export function offer(view: CaseView, act: Act, task: TaskView | null): Offer | undefined {
  return view.offers.find((one) => one.act === act && (one.task === null || one.task === task?.id))
}

/** Whether the task is to write: the initiator's own text, or a form. */
export function isDrafting(view: CaseView, task: TaskView | null): boolean {
  if (!task || task.edit.length === 0) return false
  if (view.form) return true
  return (
    task.edit.includes('body') &&
    task.holder?.person?.id !== undefined &&
    task.holder.person.id === view.initiator.person?.id
  )
}

/** Whether the text can be changed in this step by somebody who is not its author. */
export const mayEditText = (task: TaskView | null) =>
  task !== null && (task.edit.includes('body') || task.edit.includes('title'))

/** Fields asked for beside the opinion. */
export const inlineFields = (task: TaskView | null) => (task && !mayEditText(task) ? task.edit : [])

const MORE: readonly Act[] = [
  'release',
  'circulate',
  'cc',
  'reopen',
  'urge',
  'withdraw',
  'terminate',
  'retry',
]

/** The quiet acts, in their order. */
export function moreActs(view: CaseView, task: TaskView | null): Act[] {
  return MORE.filter((act) => offer(view, act, task) !== undefined)
}

/** The desk where this task is written. */
export const draftOf = (view: CaseView, task: TaskView | null) => ({
  name: 'draft',
  params: { case: view.id },
  query: task && myTasks(view).length > 1 ? { task: task.id } : {},
})
