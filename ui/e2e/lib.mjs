// What browser tests are made of: people with a session each, a check of a whole page, and waiting that says what for.
// Tests act only through visible roles, labels and text.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

export const world = { url: '', output: '', browser: null }
export const tests = []
export const test = (name, body) => tests.push({ name, body })

export const WIDE = { width: 1366, height: 900 }
export const PHONE = { width: 390, height: 844 }

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const open = []

async function browser() {
  world.browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  })
  return world.browser
}

/** A browser of its own for one person: their cookies, and what went wrong in it. */
export async function session(size = WIDE) {
  const context = await (
    await browser()
  ).newContext({
    viewport: size,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    acceptDownloads: true,
  })
  context.setDefaultTimeout(Number(process.env.WENSHU_TEST_PATIENCE ?? 15_000))
  const page = await context.newPage()
  page.troubles = []
  await page.addInitScript(() => {
    window.__blocked = []
    document.addEventListener('securitypolicyviolation', (event) =>
      window.__blocked.push(`${event.violatedDirective}: ${event.blockedURI}`),
    )
  })
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const from = message.location().url
    // Not being signed in, and having no demo accounts, is how the sign-in page begins.
    if (/\/api\/v1\/(session|demo\/accounts)$/.test(from)) return
    page.troubles.push(`console: ${message.text()} ${from}`)
  })
  page.on('pageerror', (error) => page.troubles.push(`error: ${error.message}`))
  open.push(context)
  return page
}

/** Closes what a test opened; keeps a picture of each page when it failed. */
export async function close(failed = '') {
  for (const [index, context] of open.splice(0).entries()) {
    const [page] = context.pages() // None where the test closed it itself.
    if (failed && page) {
      const path = join(world.output, `failed-${failed}-${index + 1}.png`)
      await page.screenshot({ path }).catch(() => {})
    }
    await context.close()
  }
}

/** Parts of one story: once one failed, those after it fail at once and say so. */
export function story() {
  let broken = ''
  return (name, body) =>
    test(name, async () => {
      if (broken) throw new Error(`the story ended before: ${broken}`)
      try {
        await body()
      } catch (error) {
        broken = name
        throw error
      }
    })
}

/** Signs in as one of the offered demo people, or by account name. */
export async function signIn(page, { name, login, password = 'wenshu-demo' }) {
  await page.goto(`${world.url}/login`)
  if (login) {
    await page.getByLabel('账号', { exact: true }).fill(login)
    await page.getByLabel('密码', { exact: true }).fill(password)
    await page.getByRole('button', { name: '登录', exact: true }).click()
  } else {
    await page
      .getByRole('region', { name: '演示账号' })
      .getByRole('button', { name })
      .first()
      .click()
  }
  await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()
}

/** Until nothing is fetched and nothing moves. */
export async function settled(page) {
  await page.locator('main h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await page.evaluate(async () => {
    await document.fonts.ready
    await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))
    await new Promise((later) => setTimeout(later, 150))
  })
}

export async function picture(page, name) {
  // As tall as the page, so that bars at the bottom edge stand where they belong.
  const { width, height } = page.viewportSize()
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 6000)) })
  await page.screenshot({ path: join(world.output, `${name}-${width}.png`) })
  await page.setViewportSize({ width, height })
}

const GUIDE = new URL('../../docs/images/', import.meta.url)

/** A picture for the administrator's guide: of a desk's screen, no taller; written into the guide when it is asked for. */
export async function guidePicture(page, name) {
  if (process.env.WENSHU_GUIDE !== '1') return
  const size = page.viewportSize()
  await page.setViewportSize({ width: WIDE.width, height: 680 })
  await settled(page)
  // Words that come and go over the page are no part of it.
  await page.waitForFunction(
    () => ![...document.querySelectorAll('[role="alert"]')].some((one) => one.textContent.trim()),
  )
  mkdirSync(GUIDE, { recursive: true })
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, GUIDE)) })
  await page.setViewportSize(size)
}

/** Findings of axe on what is shown now, in words. */
export async function findings(page) {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.map(
      (one) =>
        `${one.id}: ${one.nodes
          .slice(0, 4)
          .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    )
  })
}

/** Everything that must hold on any page: axe finds nothing, it fits its width, and nothing went wrong. */
export async function checkPage(page, name) {
  await settled(page)
  await picture(page, name)
  const { width } = page.viewportSize()
  const wrong = (await findings(page)).map((one) => `axe ${one}`)
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  if (over > 0) wrong.push(`wider than the screen by ${over} px`)
  const blocked = await page.evaluate(() => window.__blocked)
  wrong.push(...blocked.map((one) => `blocked by the policy: ${one}`))
  wrong.push(...page.troubles.splice(0))
  if (wrong.length) throw new Error(`${name} at ${width} px:\n${wrong.join('\n')}`)
}

/** Runs `check` at both widths and tells what failed at each. */
export async function bothWidths(page, name, also = async () => {}) {
  const wrong = []
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size)
    try {
      await also()
      await checkPage(page, name)
    } catch (error) {
      wrong.push(error.message)
    }
  }
  await page.setViewportSize(WIDE)
  if (wrong.length) throw new Error(wrong.join('\n'))
}

export function expect(held, said) {
  if (!held) throw new Error(said)
}
