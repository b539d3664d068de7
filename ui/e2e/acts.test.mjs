// The acts beside the straight way, on the demo city: what goes up and down, comes back, is given away, sent for reading,
// urged, and approved many at once; and numbers that change while one looks at them.
import {
  bothWidths,
  checkPage,
  expect,
  PHONE,
  picture,
  session,
  settled,
  signIn,
  story,
  world,
} from './lib.mjs'
import {
  accountOf,
  approve,
  awaitTask,
  fill,
  hasTask,
  openTask,
  panel,
  person,
  submit,
} from './office.mjs'
import { head, inked, paper } from './paper.mjs'

const TITLE = '云州市人民政府办公室关于开展档案库房安全检查的通知'
const RECIPIENTS = ['云州市教育局', '云州市财政局', '云州市司法局']
const CLERK = { name: /文秘科 经办人/ }
const HEAD = { name: /文秘科 科长/ }
const OFFICE = { name: /市政府办公室 收发员/ }
const LEADER = { name: /分管领导/ }
const KEEPER = { name: /印章管理员/ }
const COLLEAGUE = '何景文'
const COPIED = '蒋若水'
const READER = '叶知秋'

const part = story()
let address = ''

const names = new Map()
/** Somebody who is not offered on the sign-in page, by name. */
async function named(page, name) {
  if (!names.has(name)) names.set(name, await accountOf(page, name))
  return person({ login: names.get(name) })
}

const waiting = async (page) => {
  const link = page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /^待办/ })
  return Number(/\d+/.exec(await link.innerText())?.[0] ?? 0)
}

/** Until something said by the page holds, without loading it again. */
async function until(held, said) {
  const end = Date.now() + 20_000
  while (!(await held())) {
    expect(Date.now() < end, said)
    await new Promise((later) => setTimeout(later, 250))
  }
}

async function act(page, name, label = '', text = '', before = async () => {}) {
  await page.goto(address)
  await settled(page)
  await panel(page).getByRole('button', { name, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: new RegExp(`^${name}`) })
  await dialog.waitFor()
  await before(dialog)
  if (label) await dialog.getByLabel(label).fill(text)
  await checkPage(page, `dialog-${name}`)
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
}

async function choose(dialog, name) {
  await dialog.getByRole('textbox', { name: '搜索姓名、拼音首字母或单位' }).fill(name)
  const option = new RegExp(`^${name}`)
  await dialog
    .getByRole('radio', { name: option })
    .or(dialog.getByRole('checkbox', { name: option }))
    .first()
    .check()
}

part('files are attached by hand, taken away again, and come back as they were', async () => {
  const page = await person(CLERK)
  await page.goto(`${world.url}/new`)
  await page.getByRole('radio', { name: '通知', exact: true }).check()
  await page.getByRole('button', { name: '开始拟稿' }).click()
  await page.waitForURL(/\/draft$/)
  await settled(page)
  address = page.url().replace(/\/draft$/, '')
  await fill(page, '标题', TITLE)
  await fill(page, '正文', '请各单位于本月底前完成档案库房安全检查，检查表见附件。')
  await fill(page, '发文机关', '市政府办公室')
  await fill(page, '主送机关', RECIPIENTS)
  await fill(page, '公开属性', '主动公开')
  await fill(page, '发文字号系列', '云政办发（市政府办公室发文）')
  const bytes = Buffer.from('序号,检查项目\n1,温湿度\n2,消防器材\n')
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: '添加附件' }).click(),
  ])
  await chooser.setFiles([
    { name: '档案库房安全检查表.csv', mimeType: 'text/csv', buffer: bytes },
    { name: '多余的一份.txt', mimeType: 'text/plain', buffer: Buffer.from('多余') },
  ])
  const kept = page.getByRole('link', { name: '档案库房安全检查表.csv' })
  await kept.waitFor()
  await page.getByRole('button', { name: '移除附件 多余的一份.txt' }).click()
  await page.getByRole('link', { name: '多余的一份.txt' }).waitFor({ state: 'hidden' })
  const answer = await page.request.get(new URL(await kept.getAttribute('href'), world.url).href)
  expect((await answer.body()).equals(bytes), 'the file that came back is another one')
  await page.getByText(/已保存 \d/).waitFor()
  await bothWidths(page, 'acts-draft')
})

part('a number changes while one looks at it, and 撤回 takes it back', async () => {
  const clerk = await person(CLERK)
  const head = await person(HEAD)
  await settled(head)
  const before = await waiting(head)
  const row = head.getByRole('main').getByRole('link', { name: TITLE, exact: true })
  await clerk.goto(`${address}/draft`)
  await settled(clerk)
  await fill(clerk, '联系人及电话', '林晓棠，8610123')
  await submit(clerk)
  await until(async () => (await waiting(head)) === before + 1, '待办 of the other did not go up')
  await row.waitFor()
  await act(clerk, '撤回', '撤回原因', '附件需要更换。')
  await until(async () => (await waiting(head)) === before, '待办 of the other did not go down')
  await row.waitFor({ state: 'hidden' })
  expect(await hasTask(clerk, TITLE), 'what was withdrawn is not with its author')
  await clerk.goto(`${address}/draft`)
  await settled(clerk)
  await fill(clerk, '联系人及电话', '林晓棠，8610124')
  await submit(clerk)
  await row.waitFor()

  await act(clerk, '催办', '催办内容', '请今天办结。')
  await head.getByRole('listitem').filter({ hasText: TITLE }).getByText('已催办').waitFor()
  await head.getByRole('button', { name: '被催办', exact: true }).click()
  await row.waitFor()
  await head.getByRole('button', { name: '清除筛选' }).click()
})

part('it is copied to one, sent round to another, and given to a third', async () => {
  const head = await person(HEAD)
  await act(head, '抄送', '说明', '供参考。', (dialog) => choose(dialog, COPIED))
  await act(head, '传阅', '说明', '请阅。', (dialog) => choose(dialog, READER))
  await act(head, '转办', '说明', '我外出，请代为审核。', (dialog) => choose(dialog, COLLEAGUE))
  expect(!(await hasTask(head, TITLE)), 'what was given away is still there')

  const copied = await named(head, COPIED)
  await copied.goto(`${world.url}/cc`)
  await copied.getByRole('main').getByRole('link', { name: TITLE, exact: true }).click()
  await settled(copied)
  await panel(copied).getByText('目前没有需要您办理的事项。').waitFor()

  const reader = await named(head, READER)
  await reader.goto(`${world.url}/read`)
  await bothWidths(reader, 'read-one')
  await reader.getByRole('main').getByRole('link', { name: TITLE, exact: true }).click()
  await settled(reader)
  await panel(reader).getByLabel('批注').fill('已阅，我科配合。')
  await panel(reader).getByRole('button', { name: '已阅', exact: true }).click()
  await reader.getByText('已办理', { exact: true }).first().waitFor()

  const third = await named(head, COLLEAGUE)
  await approve(third, TITLE, '经审核，拟同意。')
  await head.goto(`${address}?tab=opinions`)
  await settled(head)
  for (const said of ['我外出，请代为审核。', '已阅，我科配合。', '经审核，拟同意。'])
    await head.getByText(said).first().waitFor()
  await bothWidths(head, 'document-opinions-full')
})

part('a leader signs on a phone, from the queue to the end', async () => {
  const office = await person(OFFICE)
  await approve(office, TITLE, '经核，符合行文规则，拟请签发。')
  const page = await session(PHONE)
  await signIn(page, LEADER)
  const link = await awaitTask(page, TITLE)
  await checkPage(page, 'phone-queue')
  const account = page.getByRole('region', { name: '页眉' }).getByRole('button').last()
  await account.click()
  const openNext = page.getByRole('button', { name: '办完一件自动打开下一件' })
  await openNext.click()
  expect((await openNext.getAttribute('aria-pressed')) === 'false', 'the next item still opens')
  await checkPage(page, 'phone-account')
  await page.keyboard.press('Escape')
  await link.click()
  await page.getByRole('heading', { level: 1 }).filter({ hasText: TITLE }).waitFor()
  await checkPage(page, 'phone-document')
  const bar = page.getByRole('group', { name: '办理', exact: true })
  await bar.getByRole('button', { name: '同意', exact: true }).click()
  const sheet = page.getByRole('dialog', { name: '办理' })
  await sheet.getByRole('group', { name: '常用语' }).getByRole('button').first().click()
  expect((await sheet.getByLabel('意见').first().inputValue()) !== '', 'the phrase was not taken')
  await checkPage(page, 'phone-sign')
  await sheet.getByRole('button', { name: '同意', exact: true }).click()
  await page.getByText('已办理', { exact: true }).first().waitFor()
  // The next item was not to open: what is signed stays to be read, with nothing over it.
  await sheet.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { level: 1 }).filter({ hasText: TITLE }).waitFor()
  expect(!(await hasTask(page, TITLE)), 'what was signed still waits')
})

part(
  'the paper is opened and looked at: its number, its title, its red head and its seal',
  async () => {
    const office = await person(OFFICE)
    await approve(office, TITLE, '已复核。')
    const keeper = await person(KEEPER)
    await openTask(keeper, TITLE)
    const unsealed = await paper(keeper, 'acts-numbered')
    await approve(keeper, TITLE, '核对无误，已用印。')
    const clerk = await person(CLERK)
    await until(async () => {
      await clerk.goto(address)
      await settled(clerk)
      return (await clerk.getByRole('definition').first().innerText()).startsWith('已办结')
    }, 'it did not end')
    const sealed = await paper(clerk, 'acts-sealed')
    const flat = sealed.text.replace(/\s/g, '')
    expect(/云政办发〔\d{4}〕\d+号/.test(flat), `no number on the paper: ${flat.slice(0, 200)}`)
    for (const said of ['云州市人民政府办公室文件', TITLE.slice(0, 12), '档案库房安全检查表'])
      expect(flat.includes(said.replace(/\s/g, '')), `“${said}” is not on the paper`)
    expect(head(sealed.pages[0]) > 400, 'the head of the paper is not red')
    expect(inked(sealed.pages) > inked(unsealed.pages) + 400, 'the seal left no red on the paper')
  },
)

part('a delivery is returned with its reason, urged, and withdrawn', async () => {
  const justice = await person({ name: /司法局 收发员/ })
  await justice.goto(`${world.url}/incoming`)
  await justice.getByRole('button', { name: `退文：${TITLE}` }).click()
  const dialog = justice.getByRole('dialog', { name: '退文' })
  await dialog.getByLabel('退文理由').fill('附件无法打开，请重新发送。')
  await bothWidths(justice, 'dialog-退文')
  await dialog.getByRole('button', { name: '退回发文单位' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await justice.getByRole('button', { name: '已退文', exact: true }).click()
  await justice.getByText('附件无法打开，请重新发送。').first().waitFor()
  await bothWidths(justice, 'incoming-returned')

  const finance = await person({ name: /财政局 收发员/ })
  await finance.goto(`${world.url}/incoming`)
  const row = finance.getByRole('listitem').filter({ hasText: TITLE })
  await row.waitFor()

  const clerk = await person(CLERK)
  await clerk.goto(`${address}?tab=deliveries`)
  await clerk.getByRole('row').filter({ hasText: '司法局' }).getByText('附件无法打开').waitFor()
  await clerk.getByRole('button', { name: /^催办全部未签收/ }).click()
  await clerk.getByText(/已催办 \d+ 个单位。/).waitFor()
  await row.getByText('已催办').waitFor()
  await bothWidths(clerk, 'document-receipts')
  await clerk.getByRole('button', { name: /^撤回.*财政局/ }).click()
  const taking = clerk.getByRole('dialog', { name: /撤回发给.*财政局/ })
  await taking.getByLabel('撤回原因').fill('主送有误。')
  await taking.getByRole('button', { name: '撤回', exact: true }).click()
  await clerk.getByRole('row').filter({ hasText: '财政局' }).getByText('已撤回').waitFor()
  await finance.reload()
  await settled(finance)
  await row.waitFor({ state: 'hidden' })

  const office = await person(OFFICE)
  await office.goto(`${world.url}/outgoing`)
  const sent = office.getByRole('listitem').filter({ hasText: TITLE })
  await sent.getByText('附件无法打开，请重新发送。').waitFor()
})

const leave = story()
const asked = []

async function askForLeave(page, kind, days) {
  await page.goto(`${world.url}/new`)
  await page.getByRole('radio', { name: /^请假/ }).check()
  await page.getByRole('button', { name: '开始填写' }).click()
  await page.waitForURL(/\/draft$/)
  await settled(page)
  await page.getByRole('button', { name: '提交', exact: true }).click()
  await page.getByText('请填写天数。').waitFor()
  await picture(page, 'leave-missing')
  await fill(page, '类别', kind)
  await fill(page, '起始日期', '2026-12-07')
  await fill(page, '天数', days)
  await fill(page, '事由', '回乡探亲。')
  await bothWidths(page, 'leave-form')
  asked.push(page.url().replace(/\/draft$/, ''))
  await submit(page)
}

leave(
  'a form is filled in, its gaps are said beside them, and two leaves wait in one queue',
  async () => {
    const clerk = await person(CLERK)
    await askForLeave(clerk, '年假', 2)
    const colleague = await named(clerk, COLLEAGUE)
    await askForLeave(colleague, '病假', 1)
  },
)

leave('many are approved at once, and each has its own answer', async () => {
  const head = await person(HEAD)
  const mine = '林晓棠提交的请假'
  const other = `${COLLEAGUE}提交的请假`
  await awaitTask(head, other)
  for (const title of [mine, other])
    await head
      .getByRole('checkbox', { name: `选择：${title}` })
      .first()
      .check()
  await head.getByText('已选 2 件').waitFor()
  await head.getByRole('button', { name: '批量同意' }).click()
  const dialog = head.getByRole('dialog', { name: '批量同意 2 件' })
  await dialog.waitFor()
  await bothWidths(head, 'dialog-批量同意')
  // Meanwhile one of them is taken back.
  const colleague = await named(head, COLLEAGUE)
  address = asked[1]
  await act(colleague, '撤回', '撤回原因', '改期。')
  await dialog.getByRole('button', { name: '同意这 2 件' }).click()
  const answers = head.getByRole('dialog').getByRole('status').getByRole('listitem')
  await answers.filter({ hasText: mine }).getByText('已同意').waitFor()
  await answers.filter({ hasText: other }).getByText('未办成').waitFor()
  const why = await answers.filter({ hasText: other }).innerText()
  expect(why.length > other.length + 8, `no reason is given: ${why}`)
  await bothWidths(head, 'dialog-批量同意-结果')
  await head.getByRole('button', { name: '关闭', exact: true }).last().click()
  expect(!(await hasTask(head, other)), 'what was withdrawn still waits')
})
