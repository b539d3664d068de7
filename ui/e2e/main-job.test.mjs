// The main job on the full demo city: a 通知 from its first word to the archive, by people with a session each.
import { checkPage, expect, settled, story, world } from './lib.mjs'
import {
  accountOf,
  approve,
  chooseUnit,
  chooseUnits,
  hasTask,
  openTask,
  person,
  registryOf,
  sendBack,
  submit,
  whoseTurn,
} from './office.mjs'
import { head, paper } from './paper.mjs'

const TITLE = '云州市人民政府办公室关于开展琅石水库下游河道安全联合巡查的通知'
const WORD = '琅石水库'
const MENDED = '所需巡查经费由各单位从年度部门预算中统筹解决，不另行安排。'
const TWELVE = [
  '云州市教育局',
  '云州市公安局',
  '云州市民政局',
  '云州市自然资源和规划局',
  '云州市生态环境局',
  '云州市住房和城乡建设局',
  '云州市交通运输局',
  '云州市水务局',
  '云州市农业农村局',
  '云州市林业局',
  '云州市卫生健康委员会',
  '云州市统计局',
]
const SIGNERS = ['云州市财政局', '云州市司法局', '云州市应急管理局']
const CLERK = { name: /文秘科 经办人/ }
const HEAD = { name: /文秘科 科长/ }
const FINANCE = { name: /财政局 收发员/ }
const JUSTICE = { name: /司法局 收发员/ }
const EMERGENCY = { name: /应急管理局 收发员/ }
const OFFICE = { name: /市政府办公室 收发员/ }
const LEADER = { name: /分管领导/ }
const KEEPER = { name: /印章管理员/ }
const EDUCATION = { name: /教育局 收发员/ }

const part = story()
const people = {}
let address = ''
let incoming = ''

/** Each person signs in once; a step of a test may come back to them. */
async function as(name, who) {
  people[name] = await person(who)
  return people[name]
}

part(
  'a clerk drafts a 通知 for twelve units with three countersigning, and it is saved as they write',
  async () => {
    const page = await as('clerk', CLERK)
    await page.getByRole('link', { name: '拟稿' }).first().click()
    await page.getByRole('radio', { name: /^发文办理/ }).check()
    await page.getByRole('radio', { name: '通知', exact: true }).check()
    await page.getByRole('button', { name: '开始拟稿' }).click()
    await page.waitForURL(/\/draft$/)
    address = page.url().replace(/\/draft$/, '')
    await page.getByRole('textbox', { name: '标题' }).fill(TITLE)
    const body = page.getByRole('textbox', { name: '正文', exact: true })
    await body.click()
    for (const line of [
      `为全面排查${WORD}下游河道安全隐患，确保安全度汛，现将有关事项通知如下：`,
      '一、巡查范围',
      `${WORD}溢洪道以下河段及两岸防护工程。`,
      '二、工作要求',
      '各单位要明确专人负责，于11月30日前将巡查情况书面报送市政府办公室。',
    ]) {
      await page.keyboard.insertText(line)
      await page.keyboard.press('Enter')
    }
    await chooseUnit(page, '发文机关', '市政府办公室')
    await chooseUnits(page, '主送机关', TWELVE)
    await chooseUnits(page, '会签单位', SIGNERS)
    await page
      .getByRole('group', { name: '公开属性' })
      .getByRole('radio', { name: '主动公开', exact: true })
      .check()
    await page
      .getByRole('combobox', { name: '发文字号系列' })
      .selectOption({ label: '云政办发（市政府办公室发文）' })
    await page.getByText(/已保存 \d/).waitFor()

    // What was saved is there again, for somebody whose browser went away.
    await page.reload()
    await settled(page)
    expect(
      (await page.getByRole('textbox', { name: '标题' }).inputValue()) === TITLE,
      'the title was not saved',
    )
    await page.getByRole('textbox', { name: '正文', exact: true }).getByText('巡查范围').waitFor()
    await checkPage(page, 'main-1-draft')
  },
)

part('the clerk submits, after seeing the way ahead, and the section head approves', async () => {
  const clerk = await as('clerk', CLERK)
  await clerk.goto(`${world.url}/drafts`)
  await clerk.getByRole('main').getByRole('link', { name: TITLE, exact: true }).click()
  await settled(clerk)
  // Anything touched is saved again before it goes.
  await clerk.getByRole('textbox', { name: '联系人及电话' }).fill('林晓棠，8610123')
  await submit(clerk)
  expect(!(await hasTask(clerk, TITLE)), 'the draft still waits for the clerk')
  const head = await as('head', HEAD)
  await openTask(head, TITLE)
  await checkPage(head, 'main-2-head')
  await approve(head, TITLE, '拟同意，请会签单位会签。')
})

part('three registries countersign; one sends it back and only its branch runs again', async () => {
  const finance = await as('finance', FINANCE)
  const justice = await as('justice', JUSTICE)
  const emergency = await as('emergency', EMERGENCY)
  await approve(finance, TITLE, '无不同意见。')
  await sendBack(justice, TITLE, /拟稿/, '请明确巡查经费的来源。')
  await approve(emergency, TITLE, '同意，我局派员参加。')
  const clerk = await as('clerk', CLERK)
  await openTask(clerk, TITLE)
  await checkPage(clerk, 'main-3-sent-back')
  await clerk.getByRole('button', { name: '修改文稿' }).first().click()
  await clerk.waitForURL(/\/draft$/)
  await clerk.getByText('请明确巡查经费的来源。').first().waitFor()
  await clerk.getByRole('textbox', { name: '正文', exact: true }).click()
  await clerk.keyboard.press('Control+End')
  await clerk.keyboard.insertText(MENDED)
  await submit(clerk)

  expect(!(await hasTask(finance, TITLE)), 'the branch of 财政局 runs again')
  expect(!(await hasTask(emergency, TITLE)), 'the branch of 应急管理局 runs again')
  await openTask(justice, TITLE)
  await justice.getByRole('button', { name: '看改动' }).first().click()
  await justice.getByText(MENDED).first().waitFor()
  await checkPage(justice, 'main-4-changes')
  await approve(justice, TITLE, '经费来源已明确，同意。')
})

part(
  'the office checks, the leader signs, it is numbered and set with its red head, and sealed',
  async () => {
    const office = await as('office', OFFICE)
    await approve(office, TITLE, '经核，符合行文规则，拟请签发。')
    const leader = await as('leader', LEADER)
    await approve(leader, TITLE, '同意印发。')
    await openTask(office, TITLE)
    await approve(office, TITLE, '已复核。')
    const keeper = await as('keeper', KEEPER)
    await openTask(keeper, TITLE)
    await keeper
      .getByText(/云政办发〔\d{4}〕\d+号/)
      .first()
      .waitFor()
    await checkPage(keeper, 'main-5-seal')
    const printed = await paper(keeper, 'main-numbered')
    const flat = printed.text.replace(/\s/g, '')
    expect(/云政办发〔\d{4}〕\d+号/.test(flat), `no number on the paper: ${flat.slice(0, 200)}`)
    for (const said of [TITLE.slice(-12), MENDED.slice(0, 12), '教育局'])
      expect(flat.includes(said), `“${said}” is not on the paper`)
    expect(head(printed.pages[0]) > 400, 'the head of the paper is not red')
    await approve(keeper, TITLE, '核对无误，已用印。')
  },
)

part('it goes to twelve units, and is archived at the sender', async () => {
  const clerk = await as('clerk', CLERK)
  const until = Date.now() + 180_000
  for (;;) {
    await clerk.goto(address)
    await settled(clerk)
    const { said, names } = await whoseTurn(clerk)
    if (said.includes('已办结')) break
    expect(Date.now() < until, `the case did not end: ${said} ${names}`)
    await clerk.waitForTimeout(500)
  }
  await clerk.getByRole('tab', { name: /^分发与签收/ }).click()
  await clerk.getByRole('rowheader').nth(11).waitFor()
  expect((await clerk.getByRole('rowheader').count()) === 12, 'there are not twelve receipts')
  await checkPage(clerk, 'main-6-receipts')
})

part('a recipient signs for it and registers it, and the sender sees so', async () => {
  const page = await as('education', EDUCATION)
  await page.goto(`${world.url}/incoming`)
  await page.getByRole('button', { name: `签收：${TITLE}` }).click()
  await page.getByText(`已签收《${TITLE}》`).waitFor()
  await page.getByRole('button', { name: '已签收', exact: true }).click()
  await page.getByRole('button', { name: `登记：${TITLE}` }).click()
  const dialog = page.getByRole('dialog', { name: '登记' })
  await dialog.getByRole('button', { name: '登记并开始办理' }).click()
  await page.waitForURL(/\/cases\//)
  await settled(page)
  incoming = page.url().replace(/\?.*$/, '')
  await checkPage(page, 'main-7-registered')
  const clerk = await as('clerk', CLERK)
  await clerk.goto(address)
  await clerk.getByRole('tab', { name: /^分发与签收 1\/12/ }).click()
  await clerk.getByRole('row').filter({ hasText: '教育局' }).getByText('已登记').waitFor()
})

part(
  'every unit signs for it in its own registry, and the sender counts twelve of twelve',
  async () => {
    const clerk = await as('clerk', CLERK)
    for (const unit of TWELVE.filter((name) => !name.endsWith('教育局'))) {
      const page = await person({ login: await registryOf(clerk, unit) })
      await page.goto(`${world.url}/incoming`)
      await page.getByRole('button', { name: `签收：${TITLE}` }).click()
      await page.getByText(`已签收《${TITLE}》`).waitFor()
      await page.context().close()
    }
    await clerk.goto(`${address}?tab=deliveries`)
    await clerk.getByRole('tab', { name: '分发与签收 12/12' }).waitFor()
    await clerk.getByRole('button', { name: '全部 12', exact: true }).waitFor()
    await clerk.getByRole('button', { name: '已签收 11', exact: true }).waitFor()
    await clerk.getByRole('button', { name: '已登记 1', exact: true }).waitFor()
    expect(
      (await clerk.getByRole('button', { name: /^未签收/ }).count()) === 0,
      'a unit has not signed',
    )
    await checkPage(clerk, 'main-9-all-signed')
    const office = await as('office', OFFICE)
    await office.goto(`${world.url}/outgoing`)
    await office.getByRole('listitem').filter({ hasText: TITLE }).getByText('签收 12/12').waitFor()
  },
)

part('the recipient runs its own flow for it, to its archive', async () => {
  const registry = await as('education', EDUCATION)
  const seen = new Map()
  for (let steps = 0; steps < 20; steps++) {
    await registry.goto(incoming)
    await settled(registry)
    const { said, names } = await whoseTurn(registry)
    if (said.includes('已办结')) return
    if (/正在/.test(said)) {
      await registry.waitForTimeout(500)
      continue
    }
    expect(names.length > 0, `nobody is named: ${said}`)
    const name = names[0]
    if (!seen.has(name)) seen.set(name, await person({ login: await accountOf(registry, name) }))
    const page = seen.get(name)
    await approve(page, TITLE, '请按要求办理。', async (panel) => {
      if (await panel.getByRole('group', { name: '承办单位', exact: true }).count()) {
        await chooseUnits(page, '承办单位', ['云州市教育局'], '教育局')
      }
    })
  }
  throw new Error('the incoming flow did not end within 20 steps')
})

part('it is found by a word of its body, and its record is verified', async () => {
  const page = await as('clerk', CLERK)
  await page.keyboard.press('/')
  await page.keyboard.type('溢洪道')
  await page.keyboard.press('Enter')
  await page.getByRole('main').getByRole('link', { name: TITLE, exact: true }).first().click()
  await page.getByRole('tab', { name: '记录' }).click()
  await page.getByRole('button', { name: '核验记录' }).click()
  await page.getByText(/核验通过：\d+ 条记录完整/).waitFor()
  await checkPage(page, 'main-8-record')
})

part('a stranger finds nothing of it', async () => {
  const page = await as('stranger', { name: /安全保密管理员/ })
  await page.goto(`${world.url}/search?q=${encodeURIComponent('溢洪道')}`)
  await settled(page)
  await page.getByText('没有找到含“溢洪道”的公文').waitFor()
  await page.goto(address)
  await settled(page)
  expect(
    (await page.getByText(MENDED).count()) === 0,
    'an administrator reads the body of a document that is not theirs',
  )
  page.troubles.length = 0
})
