// The flow administrator's other days: a file is brought in and taken out, a trial becomes a test, what stands still is
// retried, appointed, reassigned and terminated out of its list, and a flow is restored, retired and taken up again. The
// auditor finds each of it in the journal.
import { readFileSync } from 'node:fs'
import { bothWidths, checkPage, expect, settled, story, world } from './lib.mjs'
import { person, submit } from './office.mjs'

const ADMIN = { name: /流程管理员/ }
const CLERK = { name: /文秘科 经办人/ }
const SYSTEM = { name: /系统管理员/ }
const AUDITOR = { name: /安全审计员/ }
const HEAD_NAME = '周若谷'
const LEND = `workflow: lend
title: 车辆借用
form:
  car: { title: 借用车辆, type: text, required: true }
steps:
  - id: ask
    title: 申请
    by: initiator
    edit: [car]
    require: [car]
  - id: keys
    title: 交接钥匙
    by: { post: 车辆管理员, of: initiator.unit }
  - id: head
    title: 科长核准
    by: { head_of: initiator.unit, exclude: initiator, when_empty: pass }
`
const part = story()
const main = (page) => page.getByRole('main')

async function visit(page, address) {
  await page.goto(`${world.url}${address}`)
  await settled(page)
}
const text = (page) => page.getByRole('textbox', { name: '流程文本' })
async function checked(page) {
  await page.getByText('正在检查…').first().waitFor({ state: 'hidden' })
}
async function choose(page, name, content) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: '导入流程文件' }).click(),
  ])
  const buffer = Buffer.from(content)
  await chooser.setFiles([{ name, mimeType: 'application/yaml', buffer }])
}

part(
  'a flow file is read by the server, deployed with its warnings, and taken out again',
  async () => {
    const admin = await person(ADMIN)
    await visit(admin, '/workflows')
    await choose(admin, '照片.yaml', [0xff, 0xd8, 0xff, 0xe0])
    await admin.getByText(/文件不是 UTF-8 编码的文本/).waitFor()
    admin.troubles.length = 0 // The refusal is in the console.
    await choose(admin, '坏.yaml', `${LEND}foo: 1\n`)
    await admin.getByText('已读入文件，有 1 处须改').waitFor()
    await text(admin).waitFor()
    await visit(admin, '/workflows')
    await choose(admin, '车辆借用.yaml', LEND.replaceAll('\n', '\r\n'))
    await admin.getByText('已读入文件，请检查后启用').waitFor()
    await text(admin).getByText('title: 车辆借用').waitFor()
    await checked(admin)
    const problems = admin.getByRole('region', { name: '问题' })
    await problems
      .getByText(/车辆管理员/)
      .first()
      .waitFor()
    await admin.getByRole('button', { name: '启用新版本' }).click()
    const dialog = admin.getByRole('dialog', { name: '启用新版本' })
    await dialog.getByLabel('修改原因').fill('借车统一办理')
    await dialog.getByText('正在运行…').waitFor({ state: 'hidden' })
    await dialog.getByRole('checkbox', { name: '我已知道，仍要启用' }).check()
    await bothWidths(admin, 'ways-1-deploy')
    await dialog.getByRole('button', { name: '启用新版本' }).click()
    await admin.getByText('新版本已启用').waitFor()
    await admin.getByRole('heading', { level: 2, name: '版本记录' }).waitFor()
    const [file] = await Promise.all([
      admin.waitForEvent('download'),
      admin.getByRole('button', { name: '导出文件' }).click(),
    ])
    expect(
      readFileSync(await file.path(), 'utf8') === LEND,
      'what is taken out is not what came in',
    )
  },
)

part('what was tried in the sample office is kept as a test, and passes', async () => {
  const admin = await person(ADMIN)
  await visit(admin, '/workflows/leave/edit')
  await text(admin).waitFor()
  await checked(admin)
  await admin.getByRole('tab', { name: '试走' }).click()
  const trial = admin.getByRole('tabpanel', { name: '试走' })
  await trial.getByRole('radio', { name: /样例机关/ }).check()
  await trial.getByRole('textbox', { name: '搜索姓名、拼音首字母或单位' }).fill('林晓')
  await trial.getByRole('radio', { name: /林晓/ }).check()
  await trial.getByRole('combobox', { name: /^类别/ }).selectOption({ label: '年假' })
  await trial
    .getByRole('textbox', { name: /^天数/ })
    .or(trial.getByLabel(/^天数/))
    .first()
    .fill('2')
  await bothWidths(admin, 'ways-2-trial', async () => {
    await admin.getByRole('tab', { name: '试走' }).click()
  })
  await admin.getByRole('tab', { name: '试走' }).click()
  await trial.getByRole('button', { name: '开始试走' }).click()
  const act = async (who, before = async () => {}) => {
    await trial.getByRole('button', { name: new RegExp(`^同意：${who}`) }).click()
    const form = trial.getByRole('form', { name: `以${who}的身份同意` })
    await before(form)
    await form.getByRole('button', { name: '确定同意' }).click()
    await form.waitFor({ state: 'hidden' })
  }
  await act('林晓', async (form) => {
    const date = form.getByRole('combobox', { name: /起始日期/ }).or(form.getByLabel(/起始日期/))
    await date.first().click()
    await admin.keyboard.press('Control+A')
    await admin.keyboard.insertText('2026年3月9日')
    await admin.keyboard.press('Enter')
  })
  await act('周明')
  await trial.getByRole('button', { name: '保存为测试' }).click()
  const save = trial.getByRole('button', { name: '保存为测试' })
  await save.click()
  await trial.getByText('请给测试起一个名称').waitFor()
  await trial.getByRole('textbox', { name: '测试名称' }).fill('两天年假由科长批准')
  await save.click()
  await admin.getByText('已写入测试“两天年假由科长批准”').waitFor()
  const one = admin.getByRole('listitem').filter({ hasText: '两天年假由科长批准' })
  await one.getByText('通过').first().waitFor()
  await admin.getByText(/不通过 0/).waitFor()
  await one.getByRole('button', { name: '看测试原文' }).click()
  await text(admin).getByText('- name: 两天年假由科长批准').waitFor()
  await bothWidths(admin, 'ways-3-kept')
  await admin.getByRole('button', { name: '放弃修改' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: '放弃修改' }).click()
})

/** A form by the flow, handed in; its keys wait for somebody who is not there. */
async function borrow(page, car) {
  await visit(page, '/new')
  await page.getByRole('radio', { name: /^车辆借用/ }).check()
  await page.getByRole('button', { name: '开始填写' }).click()
  await page.waitForURL(/\/cases\//)
  await page.getByRole('textbox', { name: '借用车辆' }).fill(car)
  await submit(page)
}
/** Asks the server as this page would. */
async function change(page, changes) {
  const at = `${world.url}/api/v1`
  const { csrf } = await (await page.request.get(`${at}/session`)).json()
  const answer = await page.request.post(`${at}/admin/directory/changes`, {
    data: { changes },
    headers: { 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() },
  })
  expect(answer.ok(), await answer.text())
}
async function wayOut(admin, act, reason, before = async () => {}) {
  await main(admin)
    .getByRole('button', { name: new RegExp(`^${act}：`) })
    .first()
    .click()
  const dialog = admin.getByRole('dialog', { name: act })
  await before(dialog)
  await dialog.getByLabel('原因').fill(reason)
  await bothWidths(admin, `ways-5-${act}`)
  await dialog.getByRole('button', { name: act, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
}
async function pick(dialog, name) {
  await dialog.getByRole('textbox', { name: '搜索姓名、拼音首字母或单位' }).fill(name)
  await dialog
    .getByRole('radio', { name: new RegExp(name) })
    .first()
    .check()
}

part('what stands still is helped on in each of four ways, and the auditor sees each', async () => {
  const [clerk, admin, system] = [await person(CLERK), await person(ADMIN), await person(SYSTEM)]
  await borrow(clerk, '云A10001')
  await borrow(clerk, '云A10002')
  await visit(clerk, '/mine')
  // Two forms of one person are told apart.
  for (const car of ['云A10001', '云A10002']) {
    await main(clerk).getByRole('listitem').filter({ hasText: car }).first().waitFor()
  }
  await bothWidths(clerk, 'ways-4-mine')

  await visit(admin, `/stalled?q=${encodeURIComponent('车辆管理员 文秘科')}`)
  const rows = main(admin).getByRole('row').filter({ hasText: '车辆借用' })
  expect((await rows.count()) === 2, 'the search by reason and unit does not find both')
  const find = admin.getByRole('textbox', { name: '标题、流程、环节、原因' })
  await find.fill('没有这样的件')
  await admin.getByText('没有符合条件的件').waitFor()
  await find.fill('车辆管理员')
  await rows.first().waitFor()
  await bothWidths(admin, 'ways-5-stalled')
  await wayOut(admin, '重新推进', '已请人事补岗')
  await admin.getByText(/已重试/).waitFor()
  await wayOut(admin, '终止', '重复申请')
  await admin.getByText(/已终止/).waitFor()

  // Appointed to somebody who leaves before handling it.
  const { people } = await (await admin.request.get(`${world.url}/api/v1/directory`)).json()
  const gone = people.findLast(
    (one) => one.posts.length === 1 && /科员|干事|工作人员/.test(one.posts[0].title),
  )
  expect(gone, 'nobody to leave')
  await wayOut(admin, '指定办理人', '先由其代管钥匙', (dialog) => pick(dialog, gone.name))
  await admin.getByText(/已指定办理人/).waitFor()
  await change(system, [{ change: 'disable_person', person: gone.id, disabled: true }])
  try {
    await visit(admin, '/stalled?kind=unheld')
    const row = main(admin).getByRole('row').filter({ hasText: gone.name })
    await row.getByText('办理人已不在岗').waitFor()
    await wayOut(admin, '改派', '原办理人已离岗', (dialog) => pick(dialog, HEAD_NAME))
    await admin.getByText(/已改派/).waitFor()
  } finally {
    await change(system, [{ change: 'disable_person', person: gone.id, disabled: false }])
  }

  const auditor = await person(AUDITOR)
  await visit(auditor, '/journal')
  for (const words of [
    '重试“交接钥匙”',
    '终止办件“交接钥匙”',
    `指定办理人“交接钥匙”由${gone.name}办理`,
    `改派“交接钥匙”由${HEAD_NAME}办理`,
  ]) {
    const line = main(auditor).getByRole('row').filter({ hasText: words }).first()
    await line.getByText(/卢衡之/).waitFor()
    expect(!(await line.innerText()).includes('云A1000'), 'the journal tells what was written')
  }
  await bothWidths(auditor, 'ways-6-journal')
  await auditor
    .getByRole('button', { name: '校验' })
    .or(auditor.getByRole('button', { name: /校验/ }))
    .first()
    .click()
  await auditor
    .getByText(/完整|没有发现/)
    .first()
    .waitFor()
})

part(
  'a shipped flow is restored with what it warns of, and one is retired and taken up',
  async () => {
    const admin = await person(ADMIN)
    await visit(admin, '/workflows/request/edit')
    await text(admin).waitFor()
    await checked(admin)
    await text(admin).click()
    await admin.keyboard.press('Control+Home')
    await admin.keyboard.insertText('# 试改一行\n')
    await checked(admin)
    await admin.getByRole('button', { name: '启用新版本' }).click()
    const dialog = admin.getByRole('dialog', { name: '启用新版本' })
    await dialog.getByLabel('修改原因').fill('试改')
    await dialog.getByText('正在运行…').waitFor({ state: 'hidden' })
    const known = dialog.getByRole('checkbox', { name: '我已知道，仍要启用' })
    if (await known.count()) await known.check()
    await dialog.getByRole('button', { name: '启用新版本' }).click()
    await admin.getByText('新版本已启用').waitFor()

    await admin.getByRole('button', { name: '恢复出厂版本' }).click()
    const restoring = admin.getByRole('dialog', { name: '恢复出厂版本' })
    await restoring.getByLabel('原因').fill('改回原样')
    const go = restoring.getByRole('button', { name: '恢复出厂版本' })
    await go.click()
    const read = restoring.getByRole('checkbox', { name: '我已知道，仍要启用' })
    await read.or(admin.getByText('已恢复出厂版本。')).first().waitFor()
    if (await read.count()) {
      admin.troubles.length = 0 // The refusal is in the console.
      await read.check()
      await bothWidths(admin, 'ways-7-restore')
      await go.click()
    }
    await admin.getByText('已恢复出厂版本。').waitFor()
    await main(admin).getByRole('row').filter({ hasText: '改回原样' }).getByText('使用中').waitFor()

    await visit(admin, '/workflows/lend')
    for (const [act, done] of [
      ['停用', '已停用。'],
      ['重新启用', '已重新启用。'],
    ]) {
      await admin.getByRole('button', { name: act, exact: true }).click()
      const asking = admin.getByRole('dialog')
      await asking.getByLabel('原因').fill('试办结束')
      await asking.getByRole('button', { name: act, exact: true }).click()
      await admin.getByText(done).waitFor()
      await asking.waitFor({ state: 'hidden' })
    }
    const auditor = await person(AUDITOR)
    await visit(auditor, '/journal')
    for (const words of ['部署流程：改回原样', '停用流程：试办结束', '恢复流程：试办结束']) {
      await main(auditor).getByRole('row').filter({ hasText: words }).first().waitFor()
    }
    await checkPage(auditor, 'ways-8-journal')
  },
)
