// What somebody at a browser waits for, for `wenshu bench`: from the click on sign-in until the first worklist stands
// there, and from the click on a line until the document does. Prints both lists of milliseconds, the quickest first.
//
//   WENSHU_URL   the server, with the demo city
//   ROUNDS       how often (default 5)
import { close, session, world } from './lib.mjs'

world.url = (process.env.WENSHU_URL ?? '').replace(/\/$/, '')
const rounds = Number(process.env.ROUNDS ?? 5)
const quiet = (page) => page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
const login = []
const opened = []
try {
  for (let round = 0; round < rounds; round++) {
    // A browser of its own each time: nothing is in its cache.
    const page = await session()
    await page.goto(`${world.url}/login`)
    const offered = page.getByRole('region', { name: '演示账号' }).getByRole('button')
    await offered.first().waitFor()
    let start = performance.now()
    await offered.filter({ hasText: '领导' }).first().click()
    await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()
    await quiet(page)
    login.push(performance.now() - start)
    const line = page.locator('main a[href*="/cases/"]').first()
    await line.waitFor()
    start = performance.now()
    await line.click()
    await page.waitForURL(/\/cases\//)
    await page.locator('main h1').first().waitFor()
    await quiet(page)
    opened.push(performance.now() - start)
    await close()
  }
} finally {
  await world.browser?.close()
}
const sorted = (times) => times.sort((a, b) => a - b)
console.log(JSON.stringify({ login: sorted(login), document: sorted(opened) }))
