// Every page at both widths: a picture to look at, nothing found by axe, nothing too wide, nothing in the console.
import {
  bothWidths,
  checkPage,
  expect,
  PHONE,
  session,
  settled,
  signIn,
  test,
  WIDE,
  world,
} from './lib.mjs'

const CLERK = { name: /经办|文秘/ }
const REGISTRY = { name: /收发|文书/ }
const ADMIN = { name: /流程管理员|系统管理员/ }

async function visit(page, address) {
  await page.goto(`${world.url}${address}`)
  await settled(page)
}

test('the sign-in page', async () => {
  const page = await session()
  await page.goto(`${world.url}/login`)
  await page.getByRole('region', { name: '演示账号' }).waitFor()
  await bothWidths(page, 'login')
  await page.getByLabel('账号', { exact: true }).fill('nobody')
  await page.getByLabel('密码', { exact: true }).fill('wrong')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
  await bothWidths(page, 'login-refused')
})

for (const [name, address] of [
  ['todo', '/todo'],
  ['drafts', '/drafts'],
  ['mine', '/mine'],
  ['done', '/done'],
  ['read', '/read'],
  ['cc', '/cc'],
  ['search-empty', '/search'],
  ['search', '/search?q=%E5%B7%A5%E4%BD%9C'],
  ['new', '/new'],
  ['workflows', '/workflows'],
  ['lost', '/no/such/page'],
]) {
  test(`the page ${address} of a clerk`, async () => {
    const page = await session()
    await signIn(page, CLERK)
    await visit(page, address)
    await bothWidths(page, name)
  })
}

test('the pages of a registry', async () => {
  const page = await session()
  await signIn(page, REGISTRY)
  await visit(page, '/incoming')
  await bothWidths(page, 'incoming')
  await page.getByRole('button', { name: '已签收', exact: true }).click()
  await bothWidths(page, 'incoming-signed')
  await visit(page, '/outgoing')
  await bothWidths(page, 'outgoing')
})

test('the pages of an administrator', async () => {
  const page = await session()
  await signIn(page, ADMIN)
  await visit(page, '/oversight')
  await bothWidths(page, 'oversight')
  await visit(page, '/workflows')
  await bothWidths(page, 'workflows-admin')
  await page.getByRole('main').getByRole('link').first().click()
  await bothWidths(page, 'workflow')
})

test('a document and its tabs', async () => {
  const page = await session()
  await signIn(page, CLERK)
  await visit(page, '/mine')
  await page.getByRole('main').getByRole('listitem').first().getByRole('link').first().click()
  await page.waitForURL(/\/cases\//)
  await bothWidths(page, 'document')
  for (const tab of await page.getByRole('tab').all()) {
    // Without how many have signed: this becomes the name of a file.
    const label = (await tab.innerText()).trim().split(/\s/)[0]
    await tab.click()
    await bothWidths(page, `document-${label}`)
  }
})

test('a draft on the desk, and the handling sheet of a document', async () => {
  const page = await session()
  await signIn(page, CLERK)
  await visit(page, '/drafts')
  await page.getByRole('main').getByRole('listitem').first().getByRole('link').first().click()
  await page.waitForURL(/\/draft$/)
  await bothWidths(page, 'draft')
  await visit(page, '/mine')
  await page.getByRole('main').getByRole('listitem').first().getByRole('link').first().click()
  await page.waitForURL(/\/cases\//)
  const sheet = page.getByRole('link', { name: '文件处理单' }).first()
  await visit(page, await sheet.getAttribute('href'))
  await bothWidths(page, 'sheet')
})

test('dialogs take the focus, close with Esc and give it back', async () => {
  const page = await session()
  await signIn(page, CLERK)
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: '键盘快捷键' })
  await help.waitFor()
  await checkPage(page, 'keyboard-help')
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })
})

test('the keyboard leads through the list and into the search', async () => {
  const page = await session()
  await signIn(page, CLERK)
  await settled(page)
  const rows = page.getByRole('main').getByRole('list').last().getByRole('listitem')
  if ((await rows.count()) > 1) {
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const second = rows.nth(1).getByRole('link').first()
    expect(
      await second.evaluate((link) => link === document.activeElement),
      'j j does not lead to the second row',
    )
    await page.keyboard.press('k')
    const first = rows.nth(0).getByRole('link').first()
    expect(await first.evaluate((link) => link === document.activeElement), 'k does not lead back')
  }
  await page.keyboard.press('/')
  const box = page.getByRole('searchbox', { name: '按标题、文号、正文查询' })
  expect(
    await box.evaluate((input) => input === document.activeElement),
    '/ does not lead to the search',
  )
  await page.keyboard.type('jk')
  expect((await box.inputValue()) === 'jk', 'keys act while somebody types')
})

test('a phone has the bar under the thumb and everything behind 更多', async () => {
  const page = await session(PHONE)
  await signIn(page, REGISTRY)
  await page
    .getByRole('navigation', { name: '主导航' })
    .getByRole('button', { name: /更多/ })
    .click()
  await page.getByRole('dialog', { name: '更多' }).waitFor()
  await checkPage(page, 'more')
  await page.getByRole('link', { name: /^收文/ }).click()
  await page.getByRole('heading', { level: 1, name: '收文' }).waitFor()
  await page.setViewportSize(WIDE)
})

test('dark mode can be read as well', async () => {
  const page = await session()
  await page.emulateMedia({ colorScheme: 'dark' })
  await signIn(page, CLERK)
  for (const [name, address] of [
    ['dark-todo', '/todo'],
    ['dark-mine', '/mine'],
    ['dark-new', '/new'],
  ]) {
    await visit(page, address)
    await bothWidths(page, name)
  }
})
