// Runs the browser tests: starts the server on fresh demo data, then every e2e/*.test.mjs in order of name.
//
//   WENSHU_BIN           the server binary; or WENSHU_URL, a server that runs already
//   WENSHU_STAGE         the program of the sample office (cargo build -p wenshu-tests --example stage)
//   WENSHU_TEST_OUTPUT   where screenshots and the server's log are left (default: ../test-output/e2e)
//   WENSHU_TEST_PATIENCE how long to wait for anything, in ms (default: 15000), for slow machines
//   CHROMIUM             the browser (default: /usr/bin/chromium)
//
// Prints one `ok N - name` or `not ok N - name` a test; an argument runs only the files whose name contains it.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { close, tests, world } from './lib.mjs'
import { strike } from './stage.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const output = resolve(process.env.WENSHU_TEST_OUTPUT ?? join(here, '../../test-output/e2e'))
mkdirSync(output, { recursive: true })
world.output = output

const freePort = () =>
  new Promise((done, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })

async function healthy(url, alive) {
  for (let tries = 0; tries < 1200; tries++) {
    if (!alive()) throw new Error(`the server ended before it answered; see ${output}/server.log`)
    try {
      if ((await fetch(`${url}/healthz`)).ok) return
    } catch {
      // Not listening yet.
    }
    await new Promise((later) => setTimeout(later, 250))
  }
  throw new Error(`the server did not answer within 5 minutes; see ${output}/server.log`)
}

/** A trouble without the colours of a terminal and without the same attempt again and again. */
const words = (error) =>
  String(error?.stack ?? error)
    .replace(/\u001b\[\d+m/g, '')
    .split('\n')
    .slice(0, 30)
    .map((line) => `  # ${line}`)
    .join('\n')

let stop = async () => {}
async function start() {
  if (process.env.WENSHU_URL) return process.env.WENSHU_URL.replace(/\/$/, '')
  if (!process.env.WENSHU_BIN) throw new Error('set WENSHU_BIN to the server binary, or WENSHU_URL')
  const data = mkdtempSync(join(tmpdir(), 'wenshu-e2e-'))
  const port = await freePort()
  const log = createWriteStream(join(output, 'server.log'))
  const server = spawn(
    resolve(process.env.WENSHU_BIN),
    ['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--data', data],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let alive = true
  const ended = new Promise((done) => server.once('exit', done)).then(() => (alive = false))
  server.once('error', () => (alive = false))
  server.stdout.pipe(log)
  server.stderr.pipe(log)
  stop = async () => {
    if (alive) server.kill('SIGTERM')
    await Promise.race([ended, new Promise((later) => setTimeout(later, 10_000))])
    if (alive) server.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  await healthy(url, () => alive)
  return url
}

let failed = 0
let run = 0
try {
  const url = await start()
  world.url = url
  const only = process.argv[2] ?? ''
  const files = readdirSync(here).filter(
    (name) => name.endsWith('.test.mjs') && name.includes(only),
  )
  for (const file of files.sort()) await import(new URL(file, import.meta.url))
  for (const { name, body } of tests) {
    run += 1
    const began = Date.now()
    let broken = ''
    world.url = url
    try {
      await body()
      console.log(`ok ${run} - ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failed += 1
      broken = String(run)
      console.log(`not ok ${run} - ${name}`)
      console.log(words(error))
    } finally {
      await close(broken)
    }
  }
  if (!run) throw new Error(`no test file matches ${only}`)
} catch (error) {
  failed += 1
  console.log(`not ok ${run + 1} - the browser tests can run`)
  console.log(words(error))
} finally {
  await world.browser?.close()
  strike()
  await stop()
}
console.log(
  `# ${run - failed < 0 ? 0 : run - failed} passed, ${failed} failed; screenshots in ${output}`,
)
process.exit(failed ? 1 : 0)
