// What people do on the pages, in the words on the buttons.
import { expect, session, settled, signIn, world } from './lib.mjs'

const PATIENCE = 120_000

/** One person with a session of their own. */
export async function person(who) {
  const page = await session()
  await signIn(page, who)
  return page
}

/** Waits until a document waits in the 待办 of this person; what the system does in between takes its time. */
export async function awaitTask(page, title) {
  const until = Date.now() + PATIENCE
  for (;;) {
    await page.goto(`${world.url}/todo`)
    await settled(page)
    const link = page.getByRole('main').getByRole('link', { name: title, exact: true })
    if (await link.count()) return link.first()
    expect(Date.now() < until, `《${title}》 did not come to 待办 within ${PATIENCE / 1000} s`)
    await page.waitForTimeout(500)
  }
}

export async function hasTask(page, title) {
  await page.goto(`${world.url}/todo`)
  await settled(page)
  return (await page.getByRole('main').getByRole('link', { name: title, exact: true }).count()) > 0
}

export async function openTask(page, title) {
  await (await awaitTask(page, title)).click()
  await page.waitForURL(/\/cases\/[^/]+$/)
  await page.getByRole('heading', { level: 1 }).filter({ hasText: title }).waitFor()
  await settled(page)
}

export const panel = (page) => page.getByRole('complementary', { name: '办理', exact: true })

/** 同意, with an opinion; `before` fills in what the step asks for. */
export async function approve(page, title, opinion, before = async () => {}) {
  await openTask(page, title)
  await before(panel(page))
  await panel(page).getByLabel('意见', { exact: false }).first().fill(opinion)
  await panel(page).getByRole('button', { name: '同意', exact: true }).click()
  await page.getByText('已办理', { exact: true }).first().waitFor()
}

/** 退回, straight back to this step when it is mended. */
export async function sendBack(page, title, to, reason) {
  await openTask(page, title)
  await panel(page).getByRole('button', { name: '退回', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '退回' })
  await dialog.getByRole('radio', { name: to }).check()
  await dialog.getByRole('radio', { name: /直接送回本环节/ }).check()
  await dialog.getByLabel('退回理由').fill(reason)
  await dialog.getByRole('button', { name: '退回', exact: true }).click()
  await page.getByText('已办理', { exact: true }).first().waitFor()
}

const groupOf = (page, label) => page.getByRole('group', { name: label, exact: true })

async function openUnits(page, group, label) {
  await group.getByRole('button', { name: new RegExp(`^(选择|修改)\\s*${label}$`) }).click()
  const dialog = page.getByRole('dialog', { name: `选择${label}` })
  await dialog.waitFor()
  return dialog
}

/** Chooses the one unit there can be, by searching for it. */
export async function chooseUnit(page, label, name) {
  const dialog = await openUnits(page, groupOf(page, label), label)
  await dialog.getByRole('textbox', { name: '搜索单位名称或拼音首字母' }).fill(name)
  await dialog.getByRole('checkbox', { name, exact: true }).check()
  await dialog.getByRole('button', { name: /^确定/ }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Chooses units by a pasted list of names. */
export async function chooseUnits(page, label, names, lead = null) {
  await units(page, groupOf(page, label), label, names, lead)
}

/** The same in a part of the page. */
export async function units(page, group, label, names, lead = null) {
  const dialog = await openUnits(page, group, label)
  await dialog.getByRole('button', { name: '粘贴名单' }).click()
  await dialog.getByRole('textbox', { name: '单位名单' }).fill(names.join('\n'))
  await dialog.getByRole('button', { name: '逐一识别' }).click()
  await dialog.getByText(`识别出 ${names.length} 个单位。`).waitFor()
  if (lead) {
    await dialog
      .getByRole('listitem')
      .filter({ hasText: lead })
      .getByRole('radio', { name: '主办' })
      .check()
  }
  await dialog.getByRole('button', { name: /^确定/ }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Fills in one field of a form or one element of a document by its label, in whatever control the page shows for it. */
export async function fill(page, label, value) {
  const main = page.getByRole('main')
  const named = new RegExp(`^${label}\\s*(选填|必填)?$`)
  const group = main.getByRole('group', { name: named })
  if (await group.count()) {
    const choose = group.getByRole('button', { name: /^(选择|修改)/ }).first()
    if (!(await choose.count())) {
      await group.getByRole('radio', { name: String(value), exact: true }).check()
      return
    }
    await choose.click()
    const dialog = page.getByRole('dialog', { name: `选择${label}` })
    await dialog.waitFor()
    if (await dialog.getByRole('button', { name: '粘贴名单' }).count()) {
      await dialog.getByRole('button', { name: '粘贴名单' }).click()
      await dialog.getByRole('textbox', { name: '单位名单' }).fill([value].flat().join('\n'))
      await dialog.getByRole('button', { name: '逐一识别' }).click()
      await dialog.getByText(`识别出 ${[value].flat().length} 个单位。`).waitFor()
    } else {
      for (const name of [value].flat()) {
        await dialog.getByRole('textbox', { name: /^搜索/ }).fill(name)
        await dialog
          .getByRole('radio', { name: new RegExp(name) })
          .or(dialog.getByRole('checkbox', { name: new RegExp(name) }))
          .first()
          .check()
      }
    }
    await dialog.getByRole('button', { name: /^确定/ }).click()
    await dialog.waitFor({ state: 'hidden' })
    return
  }
  const tick = main.getByRole('checkbox', { name: label, exact: true })
  if (await tick.count()) {
    await tick.setChecked(value === true || value === '是' || value === 'true')
    return
  }
  const list = main.getByRole('combobox', { name: label, exact: true })
  const control = main.getByRole('textbox', { name: named }).or(list).first()
  await control.waitFor()
  if ((await control.evaluate((box) => box.tagName)) === 'SELECT') {
    await control.selectOption({ label: String(value) })
    return
  }
  await control.click()
  await page.keyboard.press('Control+A')
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(String(value))
  const text = date ? `${date[1]}年${Number(date[2])}月${Number(date[3])}日` : String(value)
  await page.keyboard.insertText(text)
  if (date) await page.keyboard.press('Enter')
}

/** 提交: the summary before it leaves, then the confirmation. */
export async function submit(page) {
  await page.getByText(/已保存 \d/).waitFor()
  await page.getByRole('button', { name: '提交', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '提交前核对' })
  await dialog.waitFor()
  const confirm = dialog.getByRole('button', { name: '确认提交' })
  if (await confirm.isDisabled())
    throw new Error(`cannot be submitted: ${await dialog.innerText()}`)
  await confirm.click()
  await dialog.waitFor({ state: 'hidden' })
}

/** The names of those with whom a case is now, as its page says at the top; empty when it has ended. */
export async function whoseTurn(page) {
  const where = page.getByRole('definition').first()
  const said = (await where.innerText()).trim()
  if (/已办结|已结束|已终止/.test(said)) return { said, names: [] }
  return {
    said,
    names: [...said.matchAll(/（([^，、（）]+)[，、）]/g)].map((found) =>
      found[1].split(' ').pop(),
    ),
  }
}

/** The account of somebody by name: in the demo city it is their id in the directory. */
export async function accountOf(page, name) {
  const answer = await page.request.get(`${world.url}/api/v1/directory`)
  const { people } = await answer.json()
  const found = people.find((one) => one.name === name)
  expect(found, `nobody is called ${name}`)
  return found.id
}

/** The account of a unit's registry, by the directory that every page has. */
export async function registryOf(page, unit) {
  const answer = await page.request.get(`${world.url}/api/v1/directory`)
  const { units, people } = await answer.json()
  const organ = units.find((one) => one.name === unit || unit.endsWith(one.short))
  expect(organ, `no unit is called ${unit}`)
  const within = new Set([
    organ.id,
    ...units.filter((one) => one.parent === organ.id).map((one) => one.id),
  ])
  const found = people.find((one) =>
    one.posts.some((post) => within.has(post.unit) && post.title.startsWith('收发')),
  )
  expect(found, `${unit} has no registry`)
  return found.id
}
