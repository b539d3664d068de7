// A session that runs out while somebody works: they sign in on the page, and nothing is lost.
import { expect, findings, picture, session, settled, signIn, test, world } from './lib.mjs'

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

test('a page whose file went away with an upgrade is loaded anew, and out of reach it is said', async () => {
  const page = await session()
  await signIn(page, { name: /文秘/ })
  await settled(page)
  const places = page.getByRole('navigation', { name: '主导航' })
  await page.route(/assets\/SearchPage-[^/]*\.js/, (route) => route.fulfill({ status: 404 }), {
    times: 1,
  })
  await places.getByRole('link', { name: /^查询/ }).click()
  await page.getByRole('heading', { level: 1, name: '查询' }).waitFor()
  expect(new URL(page.url()).pathname === '/search', 'it arrived somewhere else')
  await page.context().setOffline(true)
  await places.getByRole('link', { name: /^发文/ }).click()
  await page
    .getByText(/连接不上服务器/)
    .first()
    .waitFor()
  await page.getByRole('heading', { level: 1, name: '查询' }).waitFor()
  await page.context().setOffline(false)
  await places.getByRole('link', { name: /^发文/ }).click()
  await page.getByRole('heading', { level: 1, name: '发文', exact: true }).waitFor()
  page.troubles.length = 0 // What was lost is in the console.
  await page.goto(`${world.url}/todo`)
})
