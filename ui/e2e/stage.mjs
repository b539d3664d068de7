// The sample office with the flows that are not shipped, in a process of its own. WENSHU_STAGE is its program.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { world } from './lib.mjs'

let began = null
let child = null

/** Makes the sample office the world of the test that asks. */
export async function stage() {
  began ??= start()
  world.stage = await began
  world.url = world.stage.url
}

export function strike() {
  child?.stdin.end()
}

async function start() {
  const program = process.env.WENSHU_STAGE
  if (!program) throw new Error('set WENSHU_STAGE to the program of the stage')
  child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { url, password, logins } = await new Promise((done, failed) => {
    child.once('exit', (code) => failed(new Error(`the stage ended with ${code}`)))
    createInterface(child.stdout).once('line', (said) => done(JSON.parse(said)))
  })
  return { url, password, logins: new Map(Object.entries(logins)) }
}
