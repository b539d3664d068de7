// Doing something to a case from its page: one act at a time, a refusal said where it was asked, and then the next item.
import { useAct } from '@/api/cases'
import { call, client } from '@/api/client'
import { Refusal, words } from '@/api/problem'
import type { CaseView, Command } from '@/api/types'
import { usePreferences } from '@/stores/preferences'
import { ElNotification } from 'element-plus/es/components/notification/index'
import 'element-plus/es/components/notification/style/css'
import { h, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

/** Acts after which a task is off one's desk. */
const FINISHING = new Set<Command['act']>(['complete', 'send_back', 'transfer', 'read'])

export function useActing(caseId: () => string, moved: (view: CaseView) => void) {
  const act = useAct()
  const router = useRouter()
  const preferences = usePreferences()
  const { t } = useI18n()
  const busy = ref(false)
  const trouble = ref('')
  /** The page shows an older state than the one that refused. */
  const behind = ref(false)

  async function perform(command: Command): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    trouble.value = ''
    behind.value = false
    try {
      const view = await act(caseId(), command)
      const opinion = 'opinion' in command ? command.opinion?.trim() : ''
      if (opinion) preferences.lastOpinion = opinion
      moved(view)
      if (FINISHING.has(command.act)) await goOn(view)
      return true
    } catch (error) {
      trouble.value = words(error)
      behind.value =
        error instanceof Refusal &&
        [
          'task_closed',
          'document_changed',
          'already_claimed',
          'no_such_task',
          'case_ended',
        ].includes(error.code)
      return false
    } finally {
      busy.value = false
    }
  }

  async function goOn(view: CaseView) {
    const next = preferences.openNext ? await nextItem(view.id) : null
    told(view, next !== null)
    if (next) await router.push({ name: 'case', params: { case: next } })
  }

  async function nextItem(done: string): Promise<string | null> {
    try {
      const todo = await call(
        client.GET('/api/v1/worklist', { params: { query: { box: 'todo', limit: 3 } } }),
      )
      return todo.items.find((row) => row.case !== done)?.case ?? null
    } catch {
      return null
    }
  }

  function told(view: CaseView, gone: boolean) {
    const withdraw = view.offers.some((offer) => offer.act === 'withdraw')
    const shown = ElNotification({
      title: t('act.done'),
      type: 'success',
      duration: 6000,
      message: h('div', [
        h('p', view.title),
        h('p', view.where),
        gone
          ? h(
              'a',
              {
                href: router.resolve({ name: 'case', params: { case: view.id } }).href,
                onClick: (event: MouseEvent) => {
                  event.preventDefault()
                  shown.close()
                  void router.push({
                    name: 'case',
                    params: { case: view.id },
                    query: withdraw ? { act: 'withdraw' } : {},
                  })
                },
              },
              withdraw ? t('act.withdraw_it') : t('act.look_again'),
            )
          : null,
      ]),
    })
  }

  return { busy, trouble, behind, perform }
}

export type Acting = ReturnType<typeof useActing>
