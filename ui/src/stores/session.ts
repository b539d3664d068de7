/** Who is signed in and in which post they act. Server state other than that is Vue Query's. */
import { call, client, useKeys } from '@/api/client'
import { Refusal } from '@/api/problem'
import type { Session } from '@/api/types'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

export const useSession = defineStore('session', () => {
  const session = shallowRef<Session | null>(null)
  /** False until the server was asked once. */
  const known = ref(false)
  /** The session ran out while the person was working; the dialog asks them to sign in again. */
  const expired = ref(false)
  let waiting: ((signedIn: boolean) => void)[] = []

  const administers = computed(() => {
    const can = session.value?.can
    return Boolean(can?.system || can?.security || can?.audit)
  })
  const can = computed(() => ({
    registry: session.value?.can.registry ?? false,
    admin: session.value?.can.admin ?? false,
    /** May change flows; who audits looks on. */
    flows: session.value?.roles.includes('flow-admin') ?? false,
    workshop: Boolean(session.value?.roles.includes('flow-admin') || session.value?.can.audit),
    oversight: Boolean(
      session.value?.can.admin || session.value?.can.security || session.value?.can.audit,
    ),
    system: session.value?.can.system ?? false,
    security: session.value?.can.security ?? false,
    /** None of the three administrators takes part in a flow. */
    draft: !administers.value,
    // The three administrators see the directory; what each may change there is the server's to say.
    staff: administers.value,
    rights: Boolean(session.value?.can.security || session.value?.can.audit),
    journal: Boolean(session.value?.can.security || session.value?.can.audit),
    keeper: Boolean(
      session.value?.can.registry || session.value?.can.system || session.value?.can.audit,
    ),
  }))
  /** The password served once; nothing else is answered before it is changed. */
  const mustChange = computed(() => session.value?.must_change_password ?? false)

  async function load() {
    try {
      session.value = await call(client.GET('/api/v1/session'))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error
      session.value = null
    }
    known.value = true
  }

  /** Signs in; `post` is the one to go on in, where the person had chosen one. */
  async function signIn(person: string, password: string, post?: string) {
    const fresh = await call(client.POST('/api/v1/session', { body: { person, password } }))
    session.value = fresh
    if (post && post !== fresh.seat.post && fresh.posts.some((seat) => seat.post === post)) {
      await switchPost(post)
    }
    known.value = true
    expired.value = false
    answer(true)
  }

  async function signOut() {
    await call(client.DELETE('/api/v1/session'))
    session.value = null
  }

  async function switchPost(post: string) {
    session.value = await call(client.PUT('/api/v1/session/post', { body: { post } }))
  }

  async function changePassword(old: string, fresh: string) {
    session.value = await call(
      client.PUT('/api/v1/session/password', { body: { old, new: fresh } }),
    )
  }

  function answer(signedIn: boolean) {
    const all = waiting
    waiting = []
    for (const resolve of all) resolve(signedIn)
  }

  function signInAgain(): Promise<boolean> {
    if (!session.value) return Promise.resolve(false)
    expired.value = true
    return new Promise((resolve) => waiting.push(resolve))
  }

  /** The person does not sign in again: what waits for it fails, and they start from the sign-in page. */
  function giveUp() {
    expired.value = false
    session.value = null
    answer(false)
  }

  useKeys({ csrf: () => session.value?.csrf ?? null, signInAgain, refresh: load })

  return {
    session,
    known,
    expired,
    can,
    mustChange,
    load,
    signIn,
    signOut,
    switchPost,
    changePassword,
    giveUp,
  }
})
