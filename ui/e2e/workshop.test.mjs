// The workshop of the flow administrator: a flow is changed, checked, tried and put into use; cases in flight keep
// theirs; and what finds nobody is appointed to somebody and goes on.
import { bothWidths, checkPage, expect, settled, story, world } from './lib.mjs'
import { approve, awaitTask, chooseUnit, chooseUnits, person, submit } from './office.mjs'

const ADMIN = { name: /流程管理员/ }
const CLERK = { name: /文秘科 经办人/ }
const HEAD = { name: /文秘科 科长/ }
const HEAD_NAME = '周若谷'
const SCALES = '请审核把关'
const OLD = '云州市人民政府办公室关于做好档案移交工作的通知'
const NEW = '云州市人民政府办公室关于做好档案数字化工作的通知'
const VACANT = `workflow: gear
title: 设备领用
form:
  item: { title: 领用设备, type: text, required: true }
steps:
  - id: ask
    title: 申请
    by: initiator
    edit: [item]
    require: [item]
  - id: store
    title: 库房发放
    by: { post: 库房管理员, of: initiator.unit }
`

const part = story()
let oldCase = ''

/** 流程, by the way that everybody takes. */
async function flows(page) {
  await page
    .getByRole('navigation', { name: '主导航' })
    .getByRole('link', { name: /^流程/ })
    .click()
  await page.getByRole('heading', { level: 1, name: '流程', exact: true }).waitFor()
  await settled(page)
}
const text = (page) => page.getByRole('textbox', { name: '流程文本' })
/** Puts the cursor behind what stands on the first line with these words. */
async function behind(page, words) {
  await text(page).getByText(words).first().click()
  await page.keyboard.press('End')
}
const findings = (page) => page.getByRole('region', { name: '问题' })
/** Until the server has answered for what is written now. */
async function checked(page) {
  await page.getByText('正在检查…').first().waitFor({ state: 'hidden' })
}

/** A short 通知 by the flow of the office, handed to the head of the section. */
async function draft(page, title) {
  await page.goto(`${world.url}/new`)
  await page.getByRole('radio', { name: /^发文办理/ }).check()
  await page.getByRole('radio', { name: '通知', exact: true }).check()
  await page.getByRole('button', { name: '开始拟稿' }).click()
  await page.waitForURL(/\/draft$/)
  const address = page.url().replace(/\/draft$/, '')
  await page.getByRole('textbox', { name: '标题' }).fill(title)
  const body = page.getByRole('textbox', { name: '正文', exact: true })
  await body.click()
  await page.keyboard.insertText('请各科室于12月31日前办结档案整理工作，并报送市政府办公室。')
  await chooseUnit(page, '发文机关', '市政府办公室')
  await chooseUnits(page, '主送机关', ['云州市教育局'])
  await page
    .getByRole('group', { name: '公开属性' })
    .getByRole('radio', { name: '主动公开', exact: true })
    .check()
  await page
    .getByRole('combobox', { name: '发文字号系列' })
    .selectOption({ label: '云政办发（市政府办公室发文）' })
  await submit(page)
  return address
}

/** The flow administrator breaks a line of 发文 and is told at that line. */
async function breaks(admin) {
  await flows(admin)
  await bothWidths(admin, 'workshop-1-flows')
  await admin.getByRole('textbox', { name: '名称、标识、修改人' }).fill('发文')
  await admin.waitForURL(/q=/)
  await admin.getByRole('link', { name: '发文办理', exact: true }).click()
  await admin.getByRole('heading', { level: 2, name: '版本记录' }).waitFor()
  await bothWidths(admin, 'workshop-2-flow')
  await admin.getByRole('button', { name: '修改流程' }).click()
  await text(admin).waitFor()
  await checked(admin)
  await findings(admin)
    .getByText('没有发现问题')
    .or(findings(admin).getByText(/^须改 0 处/))
    .waitFor()

  await behind(admin, 'title: 处室审核')
  await admin.keyboard.press('Enter')
  await admin.keyboard.insertText('byy: initiator')
  const trouble = findings(admin).getByRole('button', { name: /第 18 行.*byy/ })
  await trouble.waitFor()
  await findings(admin).getByText('是否想写“by”').waitFor()
  expect(
    await admin.getByRole('button', { name: '启用新版本' }).isDisabled(),
    'what is broken can be put into use',
  )
  await checkPage(admin, 'workshop-3-broken')
  await trouble.click()
  // A click on a problem leads into the text.
  await text(admin).and(admin.locator(':focus')).waitFor()
  await admin.getByText('未启用的修改保存在本机').waitFor()

  // What was written is there again, for somebody whose browser went away.
  await admin.reload()
  await text(admin).waitFor()
  await admin.getByText('已恢复您上次没有启用的修改').waitFor()
  await trouble.waitFor()
}

/** They mend it, with help in Chinese, and the picture shows the step at the cursor. */
async function mends(admin) {
  await behind(admin, 'byy: initiator')
  await admin.keyboard.press('Shift+Home')
  await admin.keyboard.press('Delete')
  // On an empty line of the step, what may be written is offered and explained.
  await admin.keyboard.press('Control+Space')
  const offered = admin.getByRole('option', { name: /^require/ })
  await offered.waitFor()
  await admin
    .getByText(/前必须填好的字段/)
    .first()
    .waitFor()
  await admin.keyboard.press('Escape')
  await admin.keyboard.press('Control+Shift+K')
  await behind(admin, 'ask: 请审核')
  await admin.keyboard.insertText('把关')
  await checked(admin)
  await findings(admin).getByRole('button', { name: /byy/ }).waitFor({ state: 'hidden' })
  const box = admin.getByRole('button', { name: /^处室审核：/ })
  await box.waitFor()
  expect((await box.getAttribute('aria-pressed')) === 'true', 'the step at the cursor is not shown')
  // And the other way round.
  await admin.getByRole('button', { name: /^用印：/ }).click()
  await admin.keyboard.press('Home')
  await admin.waitForFunction(
    () => document.activeElement?.getAttribute('aria-label') === '流程文本',
  )
  // Tab leaves the text, as everywhere.
  await admin.keyboard.press('Tab')
  expect(
    await text(admin).evaluate((one) => one !== document.activeElement),
    'Tab does not leave the editor',
  )
  await bothWidths(admin, 'workshop-4-mended')
}

/** Its tests are played, and a failing one says what was open instead. */
async function plays(admin) {
  await admin.getByRole('tab', { name: '测试' }).click()
  await admin.getByRole('button', { name: '运行测试' }).click()
  await admin.getByText('共 5 个：通过 5，不通过 0').waitFor()
  const one = admin.getByRole('listitem').filter({ hasText: '处室负责人自己拟稿时不再审核' })
  await one.getByRole('button', { name: '看测试原文' }).click()
  await behind(admin, '周明 提交 -> 市政府办公室@办公室核稿')
  for (let n = 0; n < 5; n++) await admin.keyboard.press('Backspace')
  await admin.keyboard.insertText('主任核稿')
  await checked(admin)
  await admin.getByText('文本已改动，下面是改动之前的结果').waitFor()
  await admin.getByRole('button', { name: '运行测试' }).click()
  await admin.getByText('共 5 个：通过 4，不通过 1').waitFor()
  await one.getByText('市政府办公室@主任核稿', { exact: true }).waitFor()
  await one.getByText('市政府办公室@办公室核稿', { exact: true }).waitFor()
  await bothWidths(admin, 'workshop-5-tests', async () => {
    await admin.getByRole('tab', { name: /测试/ }).click()
  })
  await admin.getByRole('tab', { name: /测试/ }).click()
  await one.getByRole('button', { name: '看测试原文' }).click()
  await behind(admin, '周明 提交 -> 市政府办公室@主任核稿')
  for (let n = 0; n < 4; n++) await admin.keyboard.press('Backspace')
  await admin.keyboard.insertText('办公室核稿')
  await checked(admin)
  await admin.getByRole('button', { name: '运行测试' }).click()
  await admin.getByText('共 5 个：通过 5，不通过 0').waitFor()
}

/** They try it as three people, set the clock forward, and step back. */
async function tries(admin) {
  await admin.getByRole('tab', { name: '试走' }).click()
  const trial = admin.getByRole('tabpanel', { name: '试走' })
  await trial.getByRole('textbox', { name: '搜索姓名、拼音首字母或单位' }).fill('林晓棠')
  await trial.getByRole('radio', { name: /林晓棠/ }).check()
  await trial.getByRole('textbox', { name: '标题' }).fill('试一试')
  await trial.getByRole('button', { name: '开始试走' }).click()

  /** Somebody acts; the form opens beside their task. */
  const act = async (who, name, before = async () => {}) => {
    await trial.getByRole('button', { name: new RegExp(`^${name}：${who}`) }).click()
    const form = trial.getByRole('form', { name: `以${who}的身份${name}` })
    await before(form)
    await form.getByRole('button', { name: `确定${name}` }).click()
    await form.waitFor({ state: 'hidden' })
  }
  await act('林晓棠', '同意', async (form) => {
    await form.getByRole('textbox', { name: '正文' }).fill('请各科室整理档案。')
    await chooseUnit(admin, '发文机关', '市政府办公室')
    await form.waitFor()
  })
  await trial
    .getByText(new RegExp(`${HEAD_NAME}（`))
    .first()
    .waitFor()
  await trial
    .getByText(/前办完/)
    .first()
    .waitFor()
  await trial.getByRole('button', { name: '过一周' }).click()
  await trial
    .getByText(/已超期/)
    .first()
    .waitFor()
  await act(HEAD_NAME, '同意')
  const office = trial.getByRole('region', { name: '现在在谁手里' })
  await office.getByText('办公室核稿', { exact: false }).first().waitFor()
  await act('郑素琴', '同意')
  await office
    .getByText(/分管领导签发/)
    .first()
    .waitFor()
  await trial.getByRole('group', { name: /当前：分管领导签发/ }).waitFor()
  const steps = trial.getByRole('region', { name: '已走的步骤' }).getByRole('listitem')
  expect((await steps.count()) === 3, 'three people acted')
  await trial.getByRole('button', { name: '退一步' }).click()
  await office.getByText('办公室核稿', { exact: false }).first().waitFor()
  expect((await steps.count()) === 2, 'the last act was not taken back')
  await bothWidths(admin, 'workshop-6-trial', async () => {
    await admin.getByRole('tab', { name: '试走' }).click()
  })
}

/** They put it into use with a reason, and see what changes for whom. */
async function deploys(admin) {
  await admin.getByRole('button', { name: '启用新版本' }).click()
  const dialog = admin.getByRole('dialog', { name: '启用新版本' })
  await dialog.getByText(`由“请审核”改为“${SCALES}”`).waitFor()
  await dialog.getByText(/仍按原版本办完/).waitFor()
  const understood = dialog.getByRole('checkbox', { name: '我已知道，仍要启用' })
  if (await understood.count()) await understood.check()
  const go = dialog.getByRole('button', { name: '启用新版本' })
  await dialog.getByText('正在运行…').waitFor({ state: 'hidden' })
  await go.click()
  await dialog.getByText('请写明原因').waitFor()
  await dialog.getByLabel('修改原因').fill('审核人要对内容把关')
  await checkPage(admin, 'workshop-7-deploy')
  await go.click()
  await admin.getByText('新版本已启用').waitFor()
  await admin.getByRole('heading', { level: 2, name: '版本记录' }).waitFor()
  const row = admin.getByRole('row').filter({ hasText: '审核人要对内容把关' })
  await row.getByText('使用中').waitFor()
  await row.getByText('卢衡之').waitFor()
  await row.getByRole('link', { name: /与上一版比较/ }).click()
  const lines = admin.getByRole('region', { name: /的改动$/ })
  await lines.getByText(`ask: ${SCALES}`).waitFor()
  await bothWidths(admin, 'workshop-8-versions')
}

part(
  'a flow is changed: broken, mended, tested, tried as three people, and put into use',
  async () => {
    const clerk = await person(CLERK)
    oldCase = await draft(clerk, OLD)
    const admin = await person(ADMIN)
    await breaks(admin)
    await mends(admin)
    await plays(admin)
    await tries(admin)
    await deploys(admin)
  },
)

part(
  'what is begun now goes by the new version, and what was under way keeps its own',
  async () => {
    const clerk = await person(CLERK)
    await draft(clerk, NEW)
    const head = await person(HEAD)
    await awaitTask(head, NEW)
    const ask = (title) =>
      head.getByRole('main').getByRole('listitem').filter({ hasText: title }).getByText(SCALES)
    expect((await ask(NEW).count()) > 0, 'the new case does not go by the new version')
    await awaitTask(head, OLD)
    expect((await ask(OLD).count()) === 0, 'the old case was moved to the new version')
    await clerk.goto(oldCase)
    await settled(clerk)
  },
)

part('somebody who was slower is told so, and nothing of theirs is lost', async () => {
  const admin = await person(ADMIN)
  const other = await person(ADMIN)
  for (const page of [admin, other]) {
    await page.goto(`${world.url}/workflows/leave/edit`)
    await text(page).waitFor()
    await checked(page)
    await text(page).getByText('workflow: leave').click()
    await page.keyboard.press('Home')
    await page.keyboard.insertText(`# 由${page === admin ? '甲' : '乙'}说明\n`)
    await checked(page)
  }
  for (const page of [other, admin]) {
    await page.getByRole('button', { name: '启用新版本' }).click()
    const dialog = page.getByRole('dialog', { name: '启用新版本' })
    await dialog.getByLabel('修改原因').fill('加一行说明')
    const understood = dialog.getByRole('checkbox', { name: '我已知道，仍要启用' })
    if (await understood.count()) await understood.check()
    await dialog.getByText('正在运行…').waitFor({ state: 'hidden' })
    await dialog.getByRole('button', { name: '启用新版本' }).click()
    if (page === other) await page.getByText('新版本已启用').waitFor()
    else await dialog.getByRole('alert').filter({ hasText: '卢衡之' }).waitFor()
  }
  admin.troubles.length = 0 // The refusal itself is in the console.
  await admin.getByRole('dialog').getByRole('button', { name: '回去看看' }).click()
  await admin.getByText('您修改期间，其他人启用了新版本').waitFor()
  await text(admin).getByText('# 由甲说明').waitFor()
  await checkPage(admin, 'workshop-9-overtaken')
  await admin.getByRole('button', { name: '放弃修改' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: '放弃修改' }).click()
  await text(admin).getByText('# 由乙说明').waitFor()
})

part('a flow whose post nobody holds is warned about, and deployed all the same', async () => {
  const admin = await person(ADMIN)
  await flows(admin)
  await admin.getByRole('button', { name: '新流程' }).click()
  await text(admin).waitFor()
  await text(admin).click()
  await admin.keyboard.press('Control+A')
  await admin.keyboard.insertText(VACANT)
  await findings(admin)
    .getByText(/库房管理员/)
    .first()
    .waitFor()
  await checkPage(admin, 'workshop-10-warned')
  await admin.getByRole('button', { name: '启用新版本' }).click()
  const dialog = admin.getByRole('dialog', { name: '启用新版本' })
  await dialog.getByLabel('修改原因').fill('试办设备领用')
  await dialog.getByText('正在运行…').waitFor({ state: 'hidden' })
  const go = dialog.getByRole('button', { name: '启用新版本' })
  await go.click()
  await dialog.getByText('请先确认您已知道上面的提醒').waitFor()
  await dialog.getByRole('checkbox', { name: '我已知道，仍要启用' }).check()
  await go.click()
  await admin.getByText('新版本已启用').waitFor()
})

part('a case that finds nobody is appointed to somebody and goes on', async () => {
  const clerk = await person(CLERK)
  const admin = await person(ADMIN)
  await clerk.goto(`${world.url}/new`)
  await clerk.getByRole('radio', { name: /^设备领用/ }).check()
  await clerk.getByRole('button', { name: '开始填写' }).click()
  await clerk.waitForURL(/\/cases\//)
  await clerk.getByRole('textbox', { name: '领用设备' }).fill('扫描仪')
  await submit(clerk)
  await flows(admin)
  await admin.getByRole('link', { name: /^办不下去的件/ }).click()
  await settled(admin)
  await bothWidths(admin, 'workshop-11-stalled')
  await admin.getByRole('button', { name: /^指定办理人：林晓棠提交的设备领用/ }).click()
  const dialog = admin.getByRole('dialog', { name: '指定办理人' })
  await dialog.getByRole('textbox', { name: '搜索姓名、拼音首字母或单位' }).fill(HEAD_NAME)
  await dialog.getByRole('radio', { name: new RegExp(HEAD_NAME) }).check()
  const go = dialog.getByRole('button', { name: '指定办理人' })
  await go.click()
  await dialog.getByText('请写明原因').waitFor()
  await dialog.getByLabel('原因').fill('库房管理员未到岗，先由科长发放')
  await checkPage(admin, 'workshop-12-appoint')
  await go.click()
  await admin.getByText(/已指定办理人/).waitFor()
  await admin
    .getByRole('button', { name: /^指定办理人：林晓棠提交的设备领用/ })
    .waitFor({ state: 'hidden' })
  const head = await person(HEAD)
  await approve(head, '林晓棠提交的设备领用', '已发放。')
  await clerk.goto(`${world.url}/mine`)
  await settled(clerk)
  await clerk.getByText('已办结').first().waitFor()
})

part('a flow is retired and taken up again, and dark mode can be read as well', async () => {
  const admin = await person(ADMIN)
  await admin.goto(`${world.url}/workflows/gear`)
  await settled(admin)
  for (const [act, done] of [
    ['停用', '已停用。'],
    ['重新启用', '已重新启用。'],
  ]) {
    await admin.getByRole('button', { name: act, exact: true }).click()
    const dialog = admin.getByRole('dialog')
    await dialog.getByLabel('原因').fill('试办结束')
    await dialog.getByRole('button', { name: act, exact: true }).click()
    await admin.getByText(done).waitFor()
  }
  await admin.emulateMedia({ colorScheme: 'dark' })
  for (const [name, address] of [
    ['flows', '/workflows'],
    ['flow', '/workflows/outgoing'],
    ['edit', '/workflows/outgoing/edit'],
    ['stalled', '/stalled'],
  ]) {
    await admin.goto(`${world.url}${address}`)
    await settled(admin)
    if (name === 'edit') await text(admin).waitFor()
    await bothWidths(admin, `workshop-dark-${name}`)
  }
  await admin.emulateMedia({ colorScheme: 'light' })
})

part('who is no flow administrator finds no workshop', async () => {
  const clerk = await person(CLERK)
  const navigation = clerk.getByRole('navigation', { name: '主导航' })
  expect(!(await navigation.getByRole('link', { name: /^流程/ }).count()), 'the way is shown')
  await clerk.goto(`${world.url}/workflows/outgoing/edit`)
  await clerk.getByRole('heading', { level: 1 }).waitFor()
  expect(!(await text(clerk).count()), 'the editor is open to a clerk')
})
