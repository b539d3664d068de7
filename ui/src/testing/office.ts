// A small invented office for component tests, and components mounted in it.
import { OFFICE, officeOf } from '@/api/directory'
import type { CaseView, Directory, Seat, TaskView, Unit } from '@/api/types'
import { i18n } from '@/i18n'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'

const unit = (
  id: string,
  short: string,
  group: string,
  order: number,
  more: Partial<Unit> = {},
): Unit => ({
  id,
  name: `云州${short}`,
  short,
  group,
  order,
  parent: null,
  organ: true,
  registry: true,
  ...more,
})

export const UNITS: Unit[] = [
  unit('office', '市政府办公室', '工作部门', 1),
  unit('secretariat', '文秘科', '', 2, { organ: false, parent: 'office' }),
  unit('finance', '市财政局', '工作部门', 3),
  unit('justice', '市司法局', '工作部门', 4),
  unit('east', '东湖区政府', '各区', 5),
]

export const seat = (name: string, unitId: string, title: string): Seat => ({
  post: `${unitId}-${title}`,
  title,
  unit: unitId,
  unit_name: UNITS.find((one) => one.id === unitId)?.short ?? unitId,
  person: { id: name, name },
})

export const LIN = seat('林晓', 'secretariat', '科员')
export const ZHAO = seat('赵丽', 'finance', '局长')

export const DIRECTORY: Directory = {
  version: 1,
  units: UNITS,
  people: [
    {
      id: '林晓',
      name: '林晓',
      pinyin: 'lin xiao',
      initials: 'lx',
      posts: [{ post: LIN.post, title: '科员', unit: 'secretariat' }],
    },
    {
      id: '赵丽',
      name: '赵丽',
      pinyin: 'zhao li',
      initials: 'zl',
      posts: [{ post: ZHAO.post, title: '局长', unit: 'finance' }],
    },
  ],
}

export const task = (more: Partial<TaskView> = {}): TaskView => ({
  id: 7,
  step: 'check',
  title: '核稿',
  ask: '请核稿',
  kind: 'handle',
  offered: [ZHAO],
  holder: ZHAO,
  mine: true,
  opened_at: '2026-11-20T02:00:00Z',
  seen_at: '2026-11-20T03:00:00Z',
  due: null,
  why: '',
  from: null,
  branch: null,
  state: 'open',
  edit: [],
  require: [],
  picks: [],
  ...more,
})

export const view = (more: Partial<CaseView> = {}): CaseView => ({
  id: 'c1',
  title: '关于防汛值班的通知',
  workflow: { name: 'outgoing', title: '发文办理', hash: 'ab' },
  state: 'running',
  started_at: '2026-11-19T02:00:00Z',
  ended_at: null,
  initiator: LIN,
  where: '当前：核稿（赵丽）',
  stalled: null,
  document: null,
  form: null,
  tasks: [task()],
  timeline: [],
  offers: [{ act: 'approve', task: 7, opinion_required: false }],
  steps: [],
  picture: { nodes: [], edges: [] },
  attachments: [],
  links: [],
  deliveries: null,
  access: 'holder',
  ...more,
})

/** Mounts a component where the directory and the phrases are already known. */
export function mounted(
  component: Component,
  props: Record<string, unknown>,
  slots: Record<string, string> = {},
) {
  const queries = new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, retry: false } },
  })
  queries.setQueryData(['directory', 'units', 'test'], DIRECTORY.units)
  queries.setQueryData(['phrases'], { common: ['同意。', '请按规定办理。'], own: [] })
  const page = { template: '<div />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['case', 'draft', 'new', 'todo', 'sheet', 'home'].map((name) => ({
      path: name === 'home' ? '/' : `/${name}/:case?`,
      name,
      component: page,
    })),
  })
  void router.push('/')
  return mount(component, {
    props,
    slots,
    attachTo: document.body,
    global: {
      plugins: [i18n, createPinia(), [VueQueryPlugin, { queryClient: queries }], router],
      provide: { [OFFICE as symbol]: officeOf('test', () => Promise.resolve(DIRECTORY)) },
      // Dialogs are drawn in place, so that a test finds what is in them.
      stubs: { teleport: true, transition: true },
    },
  })
}
