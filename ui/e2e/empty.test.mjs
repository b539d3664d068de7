// A server that is started for the first time: it prints a password for each of the three administrators, who change it
// before anything else and find their own work and nobody else's.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bothWidths, checkPage, expect, session, settled, test, world } from './lib.mjs'

const THREE = [
  {
    title: '系统管理员',
    open: ['/staff', '/people', '/numbers'],
    closed: ['/rights', '/journal', '/incoming'],
    fresh: '新机关要从第一天起就管好账号',
  },
  {
    title: '安全保密管理员',
    open: ['/rights', '/journal'],
    closed: ['/staff/import', '/numbers', '/incoming'],
    fresh: '印章与权限两样都不能马虎',
  },
  {
    title: '安全审计员',
    open: ['/journal'],
    closed: ['/staff/import', '/incoming'],
    fresh: '每一条审计记录都要对得上',
  },
]

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })

/** The first start on an empty place, with everything that it prints. */
async function first() {
  if (!process.env.WENSHU_BIN) throw new Error('set WENSHU_BIN to the server binary')
  const data = mkdtempSync(join(tmpdir(), 'wenshu-empty-'))
  const port = await freePort()
  const where = ['--listen', `127.0.0.1:${port}`, '--data', data]
  const server = spawn(resolve(process.env.WENSHU_BIN), ['serve', '--empty', ...where])
  let said = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (text) => {
      said += text
    })
  const ended = new Promise((done) => server.once('exit', done))
  const stop = async () => {
    server.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 480; tries++) {
    if (
      await fetch(`${url}/healthz`).then(
        (one) => one.ok,
        () => false,
      )
    )
      return { url, stop, said: () => said }
    await new Promise((later) => setTimeout(later, 250))
  }
  await stop()
  throw new Error(`the empty server did not answer: ${said}`)
}

test('the three administrators of an empty server change their printed passwords first', async () => {
  const server = await first()
  try {
    world.url = server.url
    for (const { title, open, closed, fresh } of THREE) {
      const line = server
        .said()
        .split('\n')
        .map((text) =>
          text
            .trim()
            .split(/[\s│|]+/u)
            .filter(Boolean),
        )
        .find((words) => words.includes(title))
      expect(line, `no password was printed for ${title}: ${server.said()}`)
      const [login, once] = line.slice(line.indexOf(title) + 1)
      const page = await session()
      await page.goto(`${server.url}/login`)
      await page.getByLabel('账号', { exact: true }).fill(login)
      await page.getByLabel('密码', { exact: true }).fill(once)
      await page.getByRole('button', { name: '登录', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor()
      for (const address of [...open, ...closed]) {
        await page.goto(`${server.url}${address}`)
        await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor()
      }
      const told = await page.request.get(`${server.url}/api/v1/admin/journal`)
      expect(told.status() === 403, 'the server answers before the password is changed')
      for (const [label, word] of [
        ['现在的密码', once],
        ['新密码', fresh],
        ['再输一次新密码', fresh],
      ])
        await page.getByLabel(label, { exact: true }).fill(word)
      await page.getByRole('main').getByRole('button', { name: '修改密码' }).click()
      await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()
      for (const address of open) {
        await page.goto(`${server.url}${address}`)
        await settled(page)
        await checkPage(page, `empty${address.replaceAll('/', '-')}`)
        const lost = page.getByRole('heading', { level: 1, name: '没有找到这一页' })
        expect(!(await lost.count()), `${title} does not find ${address}`)
      }
      const drafting = page.getByRole('link', { name: '拟稿', exact: true })
      expect(!(await drafting.count()), `${title} is offered to draft, and never may`)
      if (title === '系统管理员') {
        await page.goto(`${server.url}/staff`)
        await settled(page)
        await bothWidths(page, 'empty-staff')
      }
      for (const address of closed) {
        await page.goto(`${server.url}${address}`)
        await page.getByRole('heading', { level: 1, name: '没有找到这一页' }).waitFor()
      }
      // What was printed opens nothing any more.
      const again = await page.request.post(`${server.url}/api/v1/session`, {
        data: { person: login, password: once },
      })
      expect(again.status() === 401, `the printed password still works: ${again.status()}`)
    }
  } finally {
    await server.stop()
  }
})
