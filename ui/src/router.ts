/** Addresses of pages; each can be sent to a colleague. Pages load when they are first opened. */
import { offline } from '@/api/problem'
import { arrive, arrived } from '@/lib/arrive'
import { tell } from '@/lib/tell'
import { useSession } from '@/stores/session'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { t } from './i18n'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's name, for the browser's title. */
    title?: string
    /** Shown without signing in. */
    open?: boolean
    /** Right without which the page is not there. */
    needs?:
      | 'registry'
      | 'admin'
      | 'flows'
      | 'workshop'
      | 'oversight'
      | 'keeper'
      | 'staff'
      | 'system'
      | 'rights'
      | 'journal'
  }
}

const worklist = () => import('@/pages/worklist/WorklistPage.vue')

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/todo' },
  {
    path: '/login',
    component: () => import('@/pages/login/LoginPage.vue'),
    meta: { open: true, title: 'login.title' },
  },
  ...(['todo', 'drafts', 'mine', 'done', 'read', 'cc'] as const).map((box) => ({
    path: `/${box}`,
    name: box,
    component: worklist,
    props: { box },
    meta: { title: `box.${box}` },
  })),
  {
    path: '/incoming',
    name: 'incoming',
    component: () => import('@/pages/registry/IncomingPage.vue'),
    meta: { title: 'nav.incoming', needs: 'registry' },
  },
  {
    path: '/outgoing',
    name: 'outgoing',
    component: () => import('@/pages/registry/OutgoingPage.vue'),
    meta: { title: 'nav.outgoing', needs: 'registry' },
  },
  {
    path: '/search',
    name: 'search',
    component: () => import('@/pages/search/SearchPage.vue'),
    meta: { title: 'nav.search' },
  },
  {
    path: '/oversight',
    name: 'oversight',
    component: () => import('@/pages/oversight/OversightPage.vue'),
    meta: { title: 'nav.oversight', needs: 'oversight' },
  },
  // `?act=send_back|transfer|approve` opens that act's dialog: the worklist's keys r and f lead there.
  {
    path: '/cases/:case',
    name: 'case',
    component: () => import('@/pages/document/DocumentPage.vue'),
    props: true,
    meta: { title: 'document.page' },
  },
  {
    path: '/cases/:case/sheet',
    name: 'sheet',
    component: () => import('@/pages/document/SheetPage.vue'),
    props: true,
    meta: { title: 'document.sheet' },
  },
  {
    path: '/new',
    name: 'new',
    component: () => import('@/pages/draft/NewPage.vue'),
    meta: { title: 'draft.new' },
  },
  {
    path: '/cases/:case/draft',
    name: 'draft',
    component: () => import('@/pages/draft/DraftPage.vue'),
    props: true,
    meta: { title: 'draft.page' },
  },
  {
    path: '/workflows',
    name: 'workflows',
    component: () => import('@/pages/workflows/WorkflowsPage.vue'),
    meta: { title: 'nav.workflows', needs: 'workshop' },
  },
  // No flow's name has a dot: nothing is hidden behind this.
  {
    path: '/workflows/new.flow',
    name: 'workflow-new',
    component: () => import('@/pages/workflows/EditPage.vue'),
    meta: { title: 'workflows.new', needs: 'flows' },
  },
  {
    path: '/workflows/:name',
    name: 'workflow',
    component: () => import('@/pages/workflows/WorkflowPage.vue'),
    props: true,
    meta: { title: 'nav.workflows' },
  },
  {
    path: '/workflows/:name/edit',
    name: 'workflow-edit',
    component: () => import('@/pages/workflows/EditPage.vue'),
    props: true,
    meta: { title: 'workflows.edit', needs: 'flows' },
  },
  {
    path: '/stalled',
    name: 'stalled',
    component: () => import('@/pages/workflows/StalledPage.vue'),
    meta: { title: 'workflows.section.stalled', needs: 'flows' },
  },
  {
    path: '/staff',
    name: 'staff',
    component: () => import('@/pages/admin/StaffPage.vue'),
    meta: { title: 'nav.staff', needs: 'staff' },
  },
  {
    path: '/staff/import',
    name: 'import',
    component: () => import('@/pages/admin/ImportPage.vue'),
    meta: { title: 'admin.import.title', needs: 'system' },
  },
  {
    path: '/people',
    name: 'people',
    component: () => import('@/pages/admin/PeoplePage.vue'),
    meta: { title: 'nav.people', needs: 'staff' },
  },
  {
    path: '/people/:person/hand-over',
    name: 'hand-over',
    component: () => import('@/pages/admin/HandOverPage.vue'),
    props: true,
    meta: { title: 'admin.hand_over.title', needs: 'system' },
  },
  {
    path: '/rights',
    name: 'rights',
    component: () => import('@/pages/admin/RightsPage.vue'),
    meta: { title: 'nav.rights', needs: 'rights' },
  },
  {
    path: '/numbers',
    name: 'numbers',
    component: () => import('@/pages/admin/NumbersPage.vue'),
    meta: { title: 'nav.numbers', needs: 'keeper' },
  },
  {
    path: '/journal',
    name: 'journal',
    component: () => import('@/pages/admin/JournalPage.vue'),
    meta: { title: 'nav.journal', needs: 'journal' },
  },
  {
    path: '/password',
    name: 'password',
    component: () => import('@/pages/account/PasswordPage.vue'),
    meta: { title: 'password.title' },
  },
  {
    path: '/:rest(.*)*',
    name: 'lost',
    component: () => import('@/pages/LostPage.vue'),
    meta: { title: 'lost.title' },
  },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.known) await session.load()
  if (to.meta.open) return session.session && to.path === '/login' ? '/todo' : true
  if (!session.session)
    return { path: '/login', query: to.fullPath === '/todo' ? {} : { to: to.fullPath } }
  if (session.mustChange && to.name !== 'password') return '/password'
  if (to.meta.needs && !session.can[to.meta.needs])
    return { name: 'lost', params: { rest: to.path.slice(1).split('/') } }
  return true
})

router.onError((error, to) => void arrive(error, to.fullPath, () => tell.refusal(offline())))

router.afterEach((to, from, failure) => {
  if (!failure) arrived()
  document.title = `${to.meta.title ? `${t(to.meta.title)} · ` : ''}${t('app.name')}`
  if (to.path !== from.path) void focusHeading()
})

/** Readers and the keyboard start at the page's heading, not at the top of the frame. */
async function focusHeading() {
  for (let tries = 0; tries < 40; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    const heading = document.querySelector<HTMLElement>('main h1')
    if (!heading) continue
    if (document.activeElement === document.body || !document.activeElement?.closest('main')) {
      heading.tabIndex = -1
      heading.focus({ preventScroll: true })
    }
    return
  }
}
