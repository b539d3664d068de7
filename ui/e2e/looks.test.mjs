// Every page and every dialog in dark, at both widths: axe finds no colour that cannot be read, nothing is too wide, and a
// picture of each is left to be looked at. WENSHU_LOOK=light does the same in light.
import { bothWidths, expect, session, settled, signIn, test, world } from './lib.mjs'

const SCHEME = process.env.WENSHU_LOOK === 'light' ? 'light' : 'dark'
const CLERK = { name: /文秘科 经办人/ }
const HEAD = { name: /文秘科 科长/ }
const REGISTRY = { name: /收发|文书/ }
const FLOWS = { name: /流程管理员/ }
const SYSTEM = { name: /系统管理员/ }
const SECURITY = { name: /安全保密管理员/ }
const AUDITOR = { name: /安全审计员/ }

const main = (page) => page.getByRole('main')
const look = (page, name, also) => bothWidths(page, `look-${SCHEME}-${name}`, also)

async function desk(who) {
  const page = await session()
  await page.emulateMedia({ colorScheme: SCHEME })
  await signIn(page, who)
  return page
}
async function visit(page, address) {
  await page.goto(`${world.url}${address}`)
  await settled(page)
}
/** Looks at what a button opens, and closes it again. */
async function opened(page, name, button, before = async () => {}) {
  await button.click()
  const dialog = page.getByRole('dialog').last()
  await dialog.waitFor()
  await before(dialog)
  await look(page, name)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
}
/** The same for every button of the page that opens one; those that are not offered here are left out. */
async function dialogs(page, place, name, buttons) {
  let seen = 0
  for (const label of buttons) {
    const button = place.getByRole('button', { name: label }).first()
    if (!(await button.count()) || !(await button.isEnabled())) continue
    await opened(page, `${name}-${label.source?.replace(/\W/g, '') || label}`, button)
    seen++
  }
  return seen
}

test('lists, search and the frame', async () => {
  const page = await desk(CLERK)
  for (const box of [
    'todo',
    'drafts',
    'mine',
    'done',
    'read',
    'cc',
    'search?q=工作',
    'new',
    'none',
  ])
    await visit(page, `/${box}`).then(() => look(page, box.replace(/\W.*/, '')))
  await visit(page, '/todo')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: '键盘快捷键' }).waitFor()
  await look(page, 'keys')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^通知/ }).first().click()
  await look(page, 'notices')
})

test('a document with its tabs and what may be done with it', async () => {
  const page = await desk(HEAD)
  await visit(page, '/todo')
  const rows = main(page).getByRole('list').last().getByRole('listitem')
  const approve = rows.getByRole('button', { name: /^同意/ }).first()
  if (await approve.count()) await opened(page, 'approve', approve)
  await rows.first().getByRole('link').first().click()
  await page.waitForURL(/\/cases\//)
  await settled(page)
  for (const tab of await page.getByRole('tab').all()) {
    const label = (await tab.innerText()).trim().split(/\s/)[0]
    await tab.click()
    await look(page, `case-${label}`)
  }
  const seen = await dialogs(
    page,
    page.getByRole('complementary', { name: '办理', exact: true }),
    'case',
    ['退回', '转办', '抄送', '传阅', '不同意', '更多', '催办'],
  )
  expect(seen > 0, 'no dialog of a document was looked at')
})

test('a draft with its pickers, and what was sent', async () => {
  const page = await desk(CLERK)
  await visit(page, '/drafts')
  await main(page).getByRole('listitem').first().getByRole('link').first().click()
  await page.waitForURL(/\/draft$/)
  await page.getByRole('textbox', { name: '标题' }).waitFor()
  await settled(page)
  await look(page, 'draft')
  for (const field of ['主送机关', '发文机关']) {
    const group = page.getByRole('group', { name: field, exact: true }).first()
    if (await group.count()) {
      await opened(page, `draft-${field}`, group.getByRole('button', { name: /^(选择|修改)/ }))
    }
  }
  await dialogs(page, page, 'draft', ['提交'])
  await visit(page, '/mine')
  const links = main(page).getByRole('listitem').getByRole('link')
  for (const address of await links.evaluateAll((all) =>
    all.map((one) => one.getAttribute('href')),
  )) {
    await visit(page, address)
    const tab = page.getByRole('tab', { name: /^分发/ })
    if (!(await tab.count())) continue
    await tab.click()
    await look(page, 'deliveries')
    await dialogs(page, main(page), 'deliveries', [/^撤回/])
    break
  }
  const sheet = page.getByRole('link', { name: '文件处理单' }).first()
  await visit(page, await sheet.getAttribute('href'))
  await look(page, 'sheet')
})

test('the registry', async () => {
  const page = await desk(REGISTRY)
  await visit(page, '/incoming')
  await look(page, 'incoming')
  await dialogs(page, main(page), 'incoming', [/^退文/])
  await page.getByRole('button', { name: '已签收', exact: true }).click()
  await settled(page)
  await look(page, 'incoming-signed')
  await dialogs(page, main(page), 'incoming', [/^登记/])
  await visit(page, '/outgoing')
  await look(page, 'outgoing')
})

test('the workshop', async () => {
  const page = await desk(FLOWS)
  await visit(page, '/workflows')
  await look(page, 'flows')
  await visit(page, '/workflows/leave')
  await look(page, 'flow')
  await dialogs(page, main(page), 'flow', ['停用', '恢复出厂版本'])
  await visit(page, '/workflows/leave/edit')
  await page.getByRole('textbox', { name: '流程文本' }).waitFor()
  await look(page, 'edit')
  for (const tab of ['测试', '试走']) {
    await page.getByRole('tab', { name: tab }).click()
    await look(page, `edit-${tab}`, () => page.getByRole('tab', { name: tab }).click())
  }
  await page.getByRole('textbox', { name: '流程文本' }).click()
  await page.keyboard.insertText('# 看一看\n')
  await page.getByText('正在检查…').first().waitFor({ state: 'hidden' })
  await dialogs(page, page, 'edit', ['启用新版本', '放弃修改'])
  await visit(page, '/stalled')
  await look(page, 'stalled')
  await dialogs(page, main(page), 'stalled', [/^指定办理人：/, /^改派：/, /^重试：/, /^终止：/])
  await visit(page, '/oversight')
  await look(page, 'oversight')
})

test('the three administrators', async () => {
  const system = await desk(SYSTEM)
  await visit(system, '/staff')
  await look(system, 'staff')
  await dialogs(system, main(system), 'staff', ['增加机关', '增加单位'])
  await main(system).getByRole('button', { name: '市教育局', exact: true }).click()
  await look(system, 'staff-unit')
  await dialogs(system, main(system), 'staff', ['增加单位', '增加岗位', /^修改/])
  for (const address of ['people', 'staff/import', 'numbers', 'rights', 'password']) {
    await visit(system, `/${address}`)
    await look(system, address.replace(/\W/g, '-'))
  }
  await visit(system, '/people')
  await dialogs(system, main(system), 'people', ['增加人员', /^重置密码/])
  await visit(system, '/numbers')
  await dialogs(system, main(system), 'numbers', ['增加系列', /^修改/, '预留', '作废'])
  const security = await desk(SECURITY)
  await visit(security, '/rights')
  await look(security, 'rights-security')
  await dialogs(security, main(security), 'rights', [/^修改/, /^增加/])
  const auditor = await desk(AUDITOR)
  await visit(auditor, '/journal')
  await look(auditor, 'journal')
})
