import { describe, expect, it, vi } from 'vitest'
import { arrive, type World } from './arrive'

const LOST = new TypeError('Failed to fetch dynamically imported module: /assets/SearchPage.js')

function world(up: boolean) {
  let tried: string | null = null
  const load = vi.fn<(address: string) => void>()
  const tell = vi.fn<() => void>()
  const here: World = {
    reachable: async () => up,
    tried: { get: () => tried, set: (address) => (tried = address) },
    load,
    tell,
  }
  return { ...here, load, tell }
}
const nothing = () => undefined

describe('a page whose file is gone', () => {
  it('is loaded anew from the server as it is now, once, and then it is said', async () => {
    const here = world(true)
    await arrive(LOST, '/search', nothing, here)
    expect(here.load).toHaveBeenCalledWith('/search')
    await arrive(LOST, '/search', nothing, here)
    expect(here.load).toHaveBeenCalledTimes(1)
    expect(here.tell).toHaveBeenCalledTimes(1)
  })

  it('does not throw away what is on the screen while there is no server', async () => {
    const here = world(false)
    await arrive(LOST, '/search', nothing, here)
    expect(here.load).not.toHaveBeenCalled()
    expect(here.tell).toHaveBeenCalledTimes(1)
  })

  it('is not what other errors are', async () => {
    const here = world(true)
    await arrive(new Error('x is not a function'), '/search', nothing, here)
    expect(here.load).not.toHaveBeenCalled()
    expect(here.tell).not.toHaveBeenCalled()
  })
})
