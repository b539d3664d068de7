/** Accounts by person, and what is done with them. */
import { call, client } from '@/api/client'
import type { Account, OneTimePassword } from '@/api/types'
import { tell } from '@/lib/tell'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'

const PAGE = 500

async function all(): Promise<Account[]> {
  const found: Account[] = []
  for (;;) {
    const after = found.at(-1)?.login
    const page = await call(
      client.GET('/api/v1/admin/accounts', {
        params: { query: { limit: PAGE, ...(after ? { after } : {}) } },
      }),
    )
    found.push(...page)
    if (page.length < PAGE) return found
  }
}

export function useAccounts() {
  const { t } = useI18n()
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['admin', 'accounts'], queryFn: all })
  const accounts = computed(() => query.data.value ?? [])
  const byPerson = computed(() => new Map(accounts.value.map((one) => [one.person, one])))
  /** Passwords that are shown this one time. */
  const shown = ref<OneTimePassword[]>([])
  const busy = ref('')

  async function doing(login: string, act: () => Promise<OneTimePassword[] | void>, said: string) {
    busy.value = login
    try {
      shown.value = (await act()) ?? []
      tell.done(said)
    } catch (error) {
      tell.refusal(error)
    } finally {
      busy.value = ''
      await queries.invalidateQueries({ queryKey: ['admin', 'accounts'] })
    }
  }
  const path = (login: string) => ({ params: { path: { login } } })
  return {
    query,
    accounts,
    byPerson,
    shown,
    busy,
    make: (people: string[]) =>
      doing(
        people[0] ?? '',
        () =>
          call(
            client.POST('/api/v1/admin/accounts', {
              body: { accounts: people.map((person) => ({ person })) },
            }),
          ),
        t('admin.account.made', { n: people.length }),
      ),
    disable: (one: Account) =>
      doing(
        one.login,
        async () => {
          await (one.disabled
            ? call(client.POST('/api/v1/admin/accounts/{login}/enable', path(one.login)))
            : call(client.POST('/api/v1/admin/accounts/{login}/disable', path(one.login))))
        },
        t(one.disabled ? 'admin.account.enabled' : 'admin.account.disabled', { name: one.name }),
      ),
    reset: (one: Account) =>
      doing(
        one.login,
        async () => [
          await call(client.POST('/api/v1/admin/accounts/{login}/reset', path(one.login))),
        ],
        t('admin.account.reset_done', { name: one.name }),
      ),
    unlock: (one: Account) =>
      doing(
        one.login,
        async () => {
          await call(client.POST('/api/v1/admin/accounts/{login}/unlock', path(one.login)))
        },
        t('admin.account.unlocked', { name: one.name }),
      ),
  }
}
