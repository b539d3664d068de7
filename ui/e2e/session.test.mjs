// A session that runs out while somebody works: they sign in on the page, and nothing is lost.
import { expect, findings, picture, session, settled, signIn, test } from './lib.mjs'

test('an expired session is signed in again on the page, and what was asked for is done', async () => {
  const page = await session()
  await signIn(page, { name: /文秘/ })
  await settled(page)
  await page.context().clearCookies()
  await page.getByRole('button', { name: '特急', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '请重新登录' })
  await dialog.waitFor()
  await page.waitForTimeout(400) // It fades in.
  page.troubles.length = 0 // The refusal itself is in the console.
  await picture(page, 'sign-in-again')
  const found = await findings(page)
  expect(!found.length, found.join('\n'))
  await dialog.getByLabel('密码', { exact: true }).fill('wrong')
  await dialog.getByRole('button', { name: '继续办理' }).click()
  await dialog.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
  await dialog.getByLabel('密码', { exact: true }).fill('wenshu-demo')
  await dialog.getByRole('button', { name: '继续办理' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await settled(page)
  const chip = page.getByRole('button', { name: '特急', exact: true })
  expect((await chip.getAttribute('aria-pressed')) === 'true', 'the filter was forgotten')
  await page.getByText('没有载入成功').waitFor({ state: 'hidden' })
  await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()
})

test('signing out leaves nothing behind', async () => {
  const page = await session()
  await signIn(page, { name: /文秘/ })
  const address = page.url()
  await page.getByRole('region', { name: '页眉' }).getByRole('button').last().click()
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.getByRole('button', { name: '登录', exact: true }).waitFor()
  await page.goto(address)
  await page.getByRole('button', { name: '登录', exact: true }).waitFor()
})
