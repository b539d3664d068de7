// Flows that nobody built these pages for, each played from its file to its end: nothing here knows one of them. What a
// line of their tests says is done with what the pages show, and what comes of it is read off the page of the initiator.
import { readdirSync, readFileSync } from 'node:fs'
import { stage } from './stage.mjs'
import { checkPage, expect, PHONE, session, settled, signIn, test, WIDE, world } from './lib.mjs'
import { fill, panel, units } from './office.mjs'
import { assignment, line, read } from './transcript.mjs'

const FOLDER = new URL('../../tests/flows/', import.meta.url)
const PATIENCE = 20_000
/** Elements of a document by the name that files give them, as the pages call them. */
const ELEMENTS = JSON.parse(
  readFileSync(new URL('../src/locales/zh-CN.json', import.meta.url), 'utf8'),
).element
/** How the pages and the files call the end of a case. */
const ENDS = [
  ['已办结', '办结'],
  ['不同意，已结束', '不同意'],
  ['已终止', '终止'],
]

class Play {
  constructor(flow, test) {
    this.flow = flow
    this.test = test
    this.people = new Map()
    this.address = ''
    this.changes = []
    this.picks = []
  }

  label(name) {
    return this.flow.document ? ELEMENTS[name] : this.flow.fields[name]
  }

  async page(name) {
    if (!this.people.has(name)) {
      const page = await session()
      await signIn(page, { login: world.stage.logins.get(name), password: world.stage.password })
      this.people.set(name, page)
    }
    return this.people.get(name)
  }

  async begin() {
    const { by, given } = this.test
    const page = await this.page(by)
    await page.goto(`${world.url}/new`)
    await page.getByRole('radio', { name: new RegExp(`^${this.flow.title}`) }).check()
    if (given.kind) await page.getByRole('radio', { name: given.kind, exact: true }).check()
    await page.getByRole('button', { name: /^开始/ }).click()
    await page.waitForURL(/\/draft$/)
    await settled(page)
    this.address = page.url().replace(/\/draft$/, '')
    for (const [name, value] of Object.entries(given)) {
      if (name !== 'kind') await fill(page, this.label(name), value)
    }
    await page.getByText(/已保存 \d/).waitFor()
  }

  /** Where it stands, as the initiator's page says at the top. */
  async open() {
    const page = await this.page(this.test.by)
    await page.goto(this.address)
    await settled(page)
    const said = (await page.getByRole('definition').first().innerText()).trim()
    const ended = ENDS.find(([shown]) => said.startsWith(shown))?.[1]
    if (ended) return { said, ended, parts: [] }
    const parts = said.split(' · ').map((part) => {
      const [, title, rest] = /^([^（]+)（(.*)）$/.exec(part) ?? [null, part, '']
      return { title, who: rest.replace(/，(未|已)打开.*$/, '') }
    })
    return { said, ended: '', parts }
  }

  /** Holds what is open against what the line says: each of it once, and nothing else. */
  async compare(wanted) {
    const until = Date.now() + PATIENCE
    for (;;) {
      const { said, ended, parts } = await this.open()
      const left = [...parts]
      const missing = wanted.filter((one) => {
        const [who, step] = one.split('@')
        if (!step) return who !== ended
        const at = left.findIndex(
          ({ title, who: names }) =>
            title.endsWith(step) && (names.includes(who) || title.startsWith(who)),
        )
        if (at >= 0) left.splice(at, 1)
        return at < 0
      })
      if (!missing.length && !left.length) return
      if (Date.now() > until) throw new Error(`wanted ${wanted.join(', ')}; the page says ${said}`)
      await new Promise((later) => setTimeout(later, 400))
    }
  }

  /** Whoever is named; for a unit, one of those whom the page names. */
  async hand({ who, step }) {
    if (world.stage.logins.has(who)) return who
    const { said, parts } = await this.open()
    const part = parts.find(
      ({ title, who: names }) =>
        (!step || title.endsWith(step)) && (names.includes(who) || title.startsWith(who)),
    )
    const name = part?.who.split(' ').pop().split('、')[0]
    expect(world.stage.logins.has(name), `nobody of ${who} is named: ${said}`)
    return name
  }

  async act(said) {
    const { verb, rest } = said
    if (verb === '改') {
      this.changes.push(...rest.map(assignment))
      return
    }
    if (verb === '选') {
      this.picks.push(...rest.map(assignment))
      return
    }
    const page = await this.page(await this.hand(said))
    await page.goto(this.address)
    await settled(page)
    const side = panel(page)
    if (said.step) {
      const mine = side.getByRole('radio', { name: new RegExp(said.step) })
      if (await mine.count()) await mine.first().check()
    }
    const button = (name) => side.getByRole('button', { name, exact: true })
    switch (verb) {
      case '提交':
      case '同意':
        if (this.changes.length || !(await button('同意').count()))
          await this.write(page, side, rest.join(' '))
        else await this.agree(page, side, rest.join(' '))
        return
      case '不同意': {
        await button('不同意').click()
        const dialog = page.getByRole('dialog', { name: '不同意' })
        await dialog.getByLabel('理由').fill(rest.join(' '))
        await dialog.getByRole('button', { name: '不同意', exact: true }).click()
        break
      }
      case '退回':
      case '直退': {
        await button('退回').click()
        const dialog = page.getByRole('dialog', { name: '退回' })
        await dialog.getByRole('radio', { name: new RegExp(`^${rest[0]}`) }).check()
        const ways = dialog.getByRole('radio', {
          name: verb === '直退' ? /^直接送回本环节/ : /^逐级重新办理/,
        })
        if (await ways.count()) await ways.check()
        await dialog.getByLabel('退回理由').fill(rest.slice(1).join(' '))
        await dialog.getByRole('button', { name: '退回', exact: true }).click()
        break
      }
      case '认领':
        await button('认领').click()
        await button('归还').waitFor()
        return
      case '阅':
        if (rest.length) await side.getByLabel('批注').fill(rest.join(' '))
        await button('已阅').click()
        break
      default:
        throw new Error(`no page is known for ${verb}`)
    }
    await page.getByText('已办理', { exact: true }).first().waitFor()
  }

  async agree(page, side, opinion) {
    for (const pick of this.picks.splice(0)) {
      const title = await this.pickTitle(side, pick)
      await units(page, side.getByRole('group', { name: title, exact: true }), title, pick.values)
    }
    if (opinion) await side.getByLabel('意见').first().fill(opinion)
    await side.getByRole('button', { name: '同意', exact: true }).click()
    await page.getByText('已办理', { exact: true }).first().waitFor()
  }

  /** What is chosen here bears a title on the page; the only one is meant whatever its name. */
  async pickTitle(side) {
    const groups = side
      .getByRole('group')
      .filter({ has: side.page().getByRole('button', { name: /^选择/ }) })
    return groups.first().getAttribute('aria-label')
  }

  /** Through the desk where the text or the form is written. */
  async write(page, side, note) {
    await side.getByRole('button', { name: /^(填写|修改文稿)$/ }).click()
    await page.waitForURL(/\/draft$/)
    await settled(page)
    for (const { name, value } of this.changes.splice(0)) await fill(page, this.label(name), value)
    await page.getByRole('button', { name: '提交', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: '提交前核对' })
    const confirm = dialog.getByRole('button', { name: '确认提交' })
    await confirm.waitFor()
    if (await confirm.isDisabled())
      throw new Error(`cannot be submitted: ${await dialog.innerText()}`)
    if (note) await dialog.getByLabel('附言').fill(note)
    await confirm.click()
    await dialog.waitFor({ state: 'hidden' })
  }

  async run(look) {
    await this.begin()
    for (const [index, text] of this.test.play.entries()) {
      const { acts, open } = line(text)
      try {
        for (const act of acts) await this.act(act)
        if (open) await this.compare(open)
      } catch (error) {
        error.message = `“${this.test.name}”, ${text}\n${error.message}`
        throw error
      }
      await look(index)
    }
  }
}

for (const file of readdirSync(FOLDER).sort()) {
  const flow = read(readFileSync(new URL(file, FOLDER), 'utf8'))
  const whole = flow.tests.findIndex((one) => /办结$/.test(one.play.at(-1)))
  for (const [number, one] of flow.tests.slice(0, whole + 1).entries()) {
    test(`a flow that is not shipped, ${file}: ${one.name}`, async () => {
      await stage()
      const play = new Play(flow, one)
      const half = Math.floor(one.play.length / 2)
      await play.run(async (index) => {
        if (number !== whole || (index !== half && index !== one.play.length - 1)) return
        const page = await play.page(one.by)
        const name = `flow-${flow.name}-${index === half ? 'midway' : 'end'}`
        await page.getByRole('tab', { name: '流程' }).click()
        await checkPage(page, name)
        await page.setViewportSize(PHONE)
        await checkPage(page, name)
        await page.setViewportSize(WIDE)
      })
      const page = await play.page(one.by)
      await page.goto(play.address)
      await page.getByRole('tab', { name: '记录' }).click()
      await page.getByRole('button', { name: '核验记录' }).click()
      await page.getByText(/核验通过：\d+ 条记录完整/).waitFor()
    })
  }
}
