// The three administrators: an organ, a post and a person come into being, change and go; numbers are kept and made void;
// rights are seen and the journal is read; and none of them finds the pages of another.
import { readFileSync } from 'node:fs'
import {
  bothWidths,
  checkPage,
  expect,
  guidePicture,
  PHONE,
  session,
  settled,
  story,
  world,
} from './lib.mjs'
import { person } from './office.mjs'

const SYSTEM = { name: /系统管理员/ }
const SECURITY = { name: /安全保密管理员/ }
const AUDITOR = { name: /安全审计员/ }
const ORGAN = '云州市低空飞行服务中心'
const SHORT = '市低空飞行中心'
const POST = '综合岗'
const NEWCOMER = '闻知行'
const SUCCESSOR = '鲁可观'
const PASSWORD = '低空航线每天要巡查三遍才放心'

const part = story()
let account = { login: '', once: '' }

async function visit(page, address) {
  await page.goto(`${world.url}${address}`)
  await settled(page)
}
const main = (page) => page.getByRole('main')
const said = (page, text) => page.getByText(text).first().waitFor()
const row = (page, name) => main(page).getByRole('row').filter({ hasText: name })

/** What the server has of the organisation; the ids in it are written into the files that are imported. */
async function directory(page) {
  return (await page.request.get(`${world.url}/api/v1/directory`)).json()
}

async function ask(page, button, title, fields) {
  await main(page).getByRole('button', { name: button }).first().click()
  const dialog = page.getByRole('dialog', { name: title })
  await dialog.waitFor()
  for (const [label, value] of Object.entries(fields))
    await dialog.getByRole('textbox', { name: label }).fill(String(value))
  return dialog
}

async function confirm(dialog, name) {
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Ticks somebody in the dialog that a field of people opens. */
async function choosePerson(page, label, name) {
  const group = main(page).getByRole('group', { name: label, exact: true })
  await group.getByRole('button', { name: /^(选择|修改)/ }).click()
  const dialog = page.getByRole('dialog', { name: `选择${label}` })
  await dialog.getByRole('textbox', { name: /^搜索/ }).fill(name)
  await dialog
    .getByRole('checkbox', { name: new RegExp(name) })
    .or(dialog.getByRole('radio', { name: new RegExp(name) }))
    .first()
    .click()
  await confirm(dialog, '确定')
}

part('the system administrator adds an organ with a post, and a person', async () => {
  const page = await person(SYSTEM)
  await visit(page, '/staff')
  await bothWidths(page, 'staff')
  await main(page).getByRole('button', { name: '市教育局', exact: true }).click()
  await main(page).getByRole('heading', { level: 2, name: '云州市教育局' }).waitFor()
  await guidePicture(page, 'staff')
  await main(page).getByRole('button', { name: '市委', exact: true }).click()
  const organ = await ask(page, '增加单位', '增加单位', { 全称: ORGAN, 简称: SHORT })
  await checkPage(page, 'staff-add')
  await confirm(organ, '增加单位')
  await main(page).getByRole('heading', { level: 2, name: ORGAN }).waitFor()
  await confirm(await ask(page, '增加岗位', '增加岗位', { 岗位名称: POST }), '增加岗位')
  await main(page).getByRole('listitem').filter({ hasText: POST }).getByText('空缺').waitFor()

  await visit(page, '/people')
  await bothWidths(page, 'people')
  await main(page)
    .getByRole('textbox', { name: /^姓名、账号/ })
    .fill('教育局')
  await settled(page)
  await guidePicture(page, 'people')
  await confirm(await ask(page, '增加人员', '增加人员', { 姓名: NEWCOMER }), '保存')
  await row(page, NEWCOMER).getByText('没有岗位').waitFor()
  await row(page, NEWCOMER).getByText('没有账号').waitFor()
})

part('somebody who has no post yet is put into one, and is given an account', async () => {
  const page = await person(SYSTEM)
  await visit(page, '/staff')
  await main(page).getByRole('textbox', { name: '搜索单位名称或拼音首字母' }).fill(ORGAN)
  await main(page).getByRole('button', { name: SHORT, exact: true }).click()
  await choosePerson(page, `${POST}的任职人员`, NEWCOMER)
  const posts = main(page).getByRole('region', { name: '岗位', exact: true })
  await posts.getByText(NEWCOMER).waitFor()
  const charge = main(page).getByRole('region', { name: '负责人与收发' })
  const head = await charge.getByLabel('主要负责人').getByRole('option').allInnerTexts()
  const label = head.find((one) => one.includes(NEWCOMER))
  expect(label, 'the new post cannot lead the unit')
  await charge.getByLabel('主要负责人').selectOption({ label })
  const save = charge.getByRole('button', { name: '保存' })
  await save.click()
  await charge.getByText('保存').waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await said(page, /负责人/)
  for (let tries = 0; !(await save.isDisabled()); tries++) {
    expect(tries < 40, 'what was saved still counts as changed')
    await page.waitForTimeout(250)
  }
  await checkPage(page, 'staff-unit')

  await visit(page, `/people?q=${encodeURIComponent(NEWCOMER)}`)
  await row(page, NEWCOMER)
    .getByRole('button', { name: /^开通账号/ })
    .click()
  const dialog = page.getByRole('dialog', { name: '一次性密码' })
  await dialog.waitFor()
  await checkPage(page, 'one-time-password')
  await guidePicture(page, 'one-time-password')
  const cells = await dialog.getByRole('row').nth(1).getByRole('cell').allInnerTexts()
  account = { login: cells[1].trim(), once: cells[2].trim() }
  expect(account.once.length >= 12, `“${account.once}” is no password`)
  await confirm(dialog, '已记下')
  await row(page, NEWCOMER).getByText('待改密码').waitFor()
  expect(!(await main(page).getByText(account.once).count()), 'the password is still shown')
})

part(
  'the new person must change the password before anything else, and begins to work',
  async () => {
    const page = await session()
    await page.goto(`${world.url}/login`)
    await page.getByLabel('账号', { exact: true }).fill(account.login)
    await page.getByLabel('密码', { exact: true }).fill(account.once)
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor()
    await page.getByText('您用的是一次性密码').waitFor()
    await visit(page, '/mine')
    await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor()
    await bothWidths(page, 'password')
    await guidePicture(page, 'password')
    const fields = ['现在的密码', '新密码', '再输一次新密码']
    const type = async (...words) => {
      for (const [index, word] of words.entries())
        await page.getByLabel(fields[index], { exact: true }).fill(word)
      await main(page).getByRole('button', { name: '修改密码' }).click()
    }
    await type(account.once, 'short', 'short')
    await page.getByText(/至少\s*12\s*个字符，可以/).waitFor()
    page.troubles.splice(0) // The browser writes the refusal to the console.
    await type(account.once, PASSWORD, PASSWORD)
    await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()

    await visit(page, '/new')
    await page.getByRole('radio', { name: /^请假/ }).check()
    await page.getByRole('button', { name: '开始填写' }).click()
    await page.waitForURL(/\/draft$/)
    await settled(page)
  },
)

part('a file is tried row by row, refused for one row, mended and imported', async () => {
  const page = await person(SYSTEM)
  const before = await directory(page)
  const newcomer = before.people.find((one) => one.name === NEWCOMER)
  const post = newcomer.posts[0].post
  await visit(page, '/staff/import')
  await bothWidths(page, 'import')
  const hand = async (name, rows) => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      main(page).getByRole('button', { name: '选择文件并检查' }).click(),
    ])
    const text = ['人员编号,姓名,主岗位编号', ...rows].join('\r\n')
    await chooser.setFiles([{ name, mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${text}`) }])
  }
  await hand('人员.csv', [`lukeguan,${SUCCESSOR},${post}`, `nobody,,${post}`])
  await said(page, '有 1 行不能接受，请改好后重新选择文件')
  await row(page, '人员编号和姓名都要填写').getByText('不接受').waitFor()
  expect(
    !(await main(page).getByRole('button', { name: '确认导入' }).count()),
    'a file with a refused row can be imported',
  )
  await bothWidths(page, 'import-refused')
  await guidePicture(page, 'import')
  const tried = await directory(page)
  expect(!tried.people.some((one) => one.name === SUCCESSOR), 'the dry run has written')

  await hand('人员.csv', [`lukeguan,${SUCCESSOR},${post}`])
  await said(page, /可以导入，将改动 1 项/)
  await row(page, SUCCESSOR).getByText('新增').waitFor()
  await main(page).getByRole('button', { name: '确认导入' }).click()
  await said(page, '已导入，改动 1 项')
  const now = await directory(page)
  expect(
    now.people.some((one) => one.name === SUCCESSOR && one.posts[0]?.post === post),
    'the person of the file is not in the post of the file',
  )

  const [all] = await Promise.all([
    page.waitForEvent('download'),
    main(page).getByRole('button', { name: '人员（CSV）' }).click(),
  ])
  const text = readFileSync(await all.path(), 'utf8')
  expect(text.includes(SUCCESSOR), 'what was imported is not exported')
})

part('everything open of somebody who leaves is listed first, and then handed over', async () => {
  const page = await person(SYSTEM)
  await visit(page, `/people?q=${encodeURIComponent(NEWCOMER)}`)
  await row(page, NEWCOMER).getByRole('button', { name: /^移交/ }).click()
  await page.getByRole('heading', { level: 1, name: `移交：${NEWCOMER}` }).waitFor()
  const open = main(page).getByRole('region', { name: '未了的事' })
  await open.getByText('草稿', { exact: true }).waitFor()
  await open.getByText(POST).waitFor()
  await bothWidths(page, 'hand-over')
  await guidePicture(page, 'hand-over')
  await main(page).getByRole('button', { name: '全部移交' }).click()
  await said(page, '请选择接任人并填写理由。')
  await choosePerson(page, '接任人', SUCCESSOR)
  await main(page).getByRole('textbox', { name: '理由' }).fill('调离')
  await main(page).getByRole('button', { name: '全部移交' }).click()
  await said(page, new RegExp(`已移交 \\d+ 件给${SUCCESSOR}`))
  await bothWidths(page, 'hand-over-done')
  const now = await directory(page)
  expect(
    !now.people.some((one) => one.name === NEWCOMER && one.posts.length),
    'who has left still holds a post',
  )
  const gone = await session()
  await gone.goto(`${world.url}/login`)
  await gone.getByLabel('账号', { exact: true }).fill(account.login)
  await gone.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await gone.getByRole('button', { name: '登录', exact: true }).click()
  await gone.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
})

part('nobody is put out of their account by a slip', async () => {
  const page = await person(SYSTEM)
  await visit(page, `/people?q=${encodeURIComponent(SUCCESSOR)}`)
  await row(page, SUCCESSOR)
    .getByRole('button', { name: /^开通账号/ })
    .click()
  await confirm(page.getByRole('dialog', { name: '一次性密码' }), '已记下')
  const disable = row(page, SUCCESSOR).getByRole('button', { name: /^停用账号/ })
  await disable.click()
  const dialog = page.getByRole('dialog', { name: `停用${SUCCESSOR}的账号` })
  await checkPage(page, 'people-disable')
  await dialog.getByRole('button', { name: '取消' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(await disable.isVisible(), 'the account was disabled without being asked for')
  await disable.click()
  await confirm(dialog, '停用账号')
  await row(page, SUCCESSOR)
    .getByRole('button', { name: /^启用账号/ })
    .click()
  await disable.waitFor()
})

part('numbers are kept and made void with a reason, and none is missing', async () => {
  const page = await person(SYSTEM)
  await visit(page, '/numbers')
  const dialog = await ask(page, '增加编号系列', '增加编号系列', {
    机关代字: '云低空',
    系列名称: '飞行中心发文',
  })
  await dialog.getByRole('group', { name: '机关' }).getByRole('button').first().click()
  const units = page.getByRole('dialog', { name: '选择机关' })
  await units.getByRole('textbox', { name: '搜索单位名称或拼音首字母' }).fill('教育局')
  await units.getByRole('checkbox', { name: '市教育局', exact: true }).check()
  await units.getByRole('button', { name: /^确定/ }).click()
  await units.waitFor({ state: 'hidden' })
  await confirm(dialog, '保存')
  const register = main(page).getByRole('region', { name: /云低空/ })
  await register.waitFor()
  await confirm(await ask(page, '预留', '预留', { 理由: '留给开业通知' }), '保存')
  await row(page, '留给开业通知').getByText('预留', { exact: true }).waitFor()
  await confirm(await ask(page, '作废', '作废', { 号: 2, 理由: '重复登记' }), '保存')
  await row(page, '重复登记').getByText('作废', { exact: true }).waitFor()
  // A number ahead of its turn: what lies between is still to come, and is no gap.
  await confirm(await ask(page, '预留', '预留', { 号: 5, 理由: '领导指定' }), '保存')
  await row(page, '领导指定').getByText('预留', { exact: true }).waitFor()
  await bothWidths(page, 'numbers')
  await guidePicture(page, 'numbers')
  await main(page).getByRole('button', { name: '缺号 0' }).click()
  await said(page, '这一年没有这样的号')
  await main(page).getByRole('button', { name: '作废 1' }).click()
  expect(!(await row(page, '留给开业通知').count()), 'the report shows more than was asked for')
})

part('the security administrator sees rights and seals, and gives a post a role', async () => {
  const page = await person(SECURITY)
  await visit(page, '/rights')
  const roles = main(page).getByRole('region', { name: '岗位的权限' })
  await roles.getByText('流程管理员').first().waitFor()
  const named = await roles
    .getByRole('row')
    .getByText(/^[a-z-]+$/)
    .allInnerTexts()
  expect(!named.length, `roles without a Chinese name: ${named}`)
  await main(page).getByRole('region', { name: '印章' }).getByRole('row').nth(1).waitFor()
  await bothWidths(page, 'rights')
  await guidePicture(page, 'rights')
  await roles.getByRole('textbox', { name: '岗位、姓名' }).fill(SUCCESSOR)
  await roles
    .getByRole('button', { name: /^调整权限/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog', { name: new RegExp(POST) })
  await dialog.getByRole('checkbox', { name: '流程管理员' }).check()
  await confirm(dialog, '保存')
  await roles.getByRole('row').filter({ hasText: SUCCESSOR }).getByText('流程管理员').waitFor()
})

part(
  'a seal is recorded with its image, and a picture that runs something is refused',
  async () => {
    const page = await person(SECURITY)
    await visit(page, '/rights')
    const seals = main(page).getByRole('region', { name: '印章' })
    const seal = seals.getByRole('row').nth(1)
    const record = seal.getByLabel(/^录入.*的印模$/)
    const svg = (inner) => ({
      name: '印.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120">${inner}</svg>`,
      ),
    })
    await record.setInputFiles(svg('<script>alert(1)</script>'))
    await said(page, /SVG 图像含有脚本或外部引用/)
    page.troubles.splice(0) // The browser writes the refusal to the console.
    await record.setInputFiles(svg('<circle cx="60" cy="60" r="50" fill="none" stroke="red"/>'))
    await seal.getByText(/^SM3 [0-9a-f]{16}…$/).waitFor()
    await checkPage(page, 'seal-image')
  },
)

part('an account that was locked out is seen and let in again', async () => {
  const page = await person(SECURITY)
  const offered = await (await page.request.get(`${world.url}/api/v1/demo/accounts`)).json()
  const { login, name, password } = offered.at(-1)
  for (let tries = 0; tries < 5; tries++)
    await page.request.post(`${world.url}/api/v1/session`, {
      data: { person: login, password: 'not this one' },
    })
  const tried = async () => {
    const knock = await session()
    const answer = await knock.request.post(`${world.url}/api/v1/session`, {
      data: { person: login, password },
    })
    return answer.status()
  }
  expect((await tried()) === 429, 'five wrong passwords lock nobody out')
  await visit(page, `/people?q=${encodeURIComponent(name)}`)
  await row(page, name).getByText(/锁定/).first().waitFor()
  await bothWidths(page, 'people-locked')
  await row(page, name).getByRole('button', { name: /^解锁/ }).click()
  await said(page, `${name}的账号已解锁`)
  expect((await tried()) === 200, 'who was unlocked is still kept out')
})

part(
  'the auditor reads the journal filtered, holds it against its chain and takes it out',
  async () => {
    const page = await person(AUDITOR)
    await visit(page, '/journal')
    await bothWidths(page, 'journal')
    await main(page).getByRole('button', { name: '机构与权限', exact: true }).click()
    await main(page).getByRole('textbox', { name: '姓名或内容' }).fill(NEWCOMER)
    await row(page, NEWCOMER).first().waitFor()
    await settled(page)
    expect(!(await row(page, '登录成功').count()), 'the filter lets sign-ins through')
    await main(page).getByRole('button', { name: '校验', exact: true }).click()
    await said(page, /记录完整：\d+ 条记录链/)
    await checkPage(page, 'journal-verified')
    await guidePicture(page, 'journal')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      main(page).getByRole('button', { name: '导出 CSV' }).click(),
    ])
    const text = readFileSync(await file.path(), 'utf8')
    expect(text.includes(NEWCOMER) && text.includes('操作人'), `no journal: ${text.slice(0, 200)}`)
    expect(!text.includes('登录成功'), 'the file holds more than the page was filtered to')
    await main(page).getByRole('textbox', { name: '姓名或内容' }).fill('')
    await main(page).getByRole('button', { name: '登录与账号', exact: true }).click()
    await row(page, '导出审计记录').first().waitFor()
  },
)

part('each administrator finds the pages of the others closed, and no documents', async () => {
  const closed = new Map([
    [SYSTEM, ['/rights', '/journal', '/incoming']],
    [SECURITY, ['/staff/import', '/numbers', '/incoming']],
    [AUDITOR, ['/staff/import', '/incoming']],
  ])
  for (const [who, addresses] of closed) {
    const page = await person(who)
    for (const address of addresses) {
      await page.goto(`${world.url}${address}`)
      await page.getByRole('heading', { level: 1, name: '没有找到这一页' }).waitFor()
    }
    await visit(page, '/search?q=%E9%80%9A%E7%9F%A5')
    expect(
      !(await main(page).getByRole('listitem').getByRole('link').count()),
      `${who.name} finds documents`,
    )
  }
  const page = await person(AUDITOR)
  await page.setViewportSize(PHONE)
  await visit(page, '/people')
  expect(
    !(await main(page)
      .getByRole('button', { name: /^(开通账号|重置密码|停用账号|移交)/ })
      .count()),
    'the auditor is offered what the system administrator does',
  )
})
