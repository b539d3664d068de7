import { Refusal } from '@/api/problem'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useAutosave } from './autosave'

const saved = (base: number) => ({ saved_at: '2026-11-20T02:32:00Z', base })
const autosave = (
  save: (base: number, after: string | null) => Promise<{ saved_at: string; base: number }>,
) => effectScope().run(() => useAutosave(save, 1000))!

describe('autosave', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('saves once, a while after the last change', async () => {
    const save = vi.fn(async (base: number) => saved(base + 1))
    const saver = autosave(save)
    saver.begin(4, null)
    saver.touch()
    await vi.advanceTimersByTimeAsync(600)
    saver.touch()
    expect(saver.state.value).toBe('dirty')
    await vi.advanceTimersByTimeAsync(600)
    expect(save).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(500)
    expect(save).toHaveBeenCalledTimes(1)
    expect(save).toHaveBeenCalledWith(4, null)
    expect(saver.state.value).toBe('saved')
    expect(saver.base.value).toBe(5)
  })

  it('saves again what was changed while it saved, one after the other', async () => {
    let running = 0
    const save = vi.fn(async (base: number) => {
      expect(++running).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 500))
      running--
      return saved(base + 1)
    })
    const saver = autosave(save)
    saver.touch()
    const first = saver.flush()
    await vi.advanceTimersByTimeAsync(100)
    saver.touch()
    const second = saver.flush()
    await vi.advanceTimersByTimeAsync(2000)
    expect(await first).toBe(true)
    expect(await second).toBe(true)
    expect(save).toHaveBeenCalledTimes(2)
    expect(saver.state.value).toBe('saved')
  })

  it('keeps what could not be saved, and says why', async () => {
    const save = vi
      .fn<(base: number) => Promise<{ saved_at: string; base: number }>>()
      .mockRejectedValueOnce(
        new Refusal({ status: 503, code: 'unavailable', detail: '暂时不可用' }),
      )
      .mockResolvedValue(saved(1))
    const saver = autosave(save)
    saver.touch()
    expect(await saver.flush()).toBe(false)
    expect(saver.state.value).toBe('failed')
    expect(saver.trouble.value).toBe('暂时不可用')
    expect(await saver.flush()).toBe(true)
    expect(saver.state.value).toBe('saved')
  })

  it('tries again by itself when the server could not be reached, and not what it refuses', async () => {
    const away = new Refusal({ status: 0, code: 'offline', detail: '连接不上' })
    const save = vi
      .fn<(base: number) => Promise<{ saved_at: string; base: number }>>()
      .mockRejectedValueOnce(away)
      .mockRejectedValueOnce(away)
      .mockResolvedValue(saved(1))
    const saver = autosave(save)
    saver.touch()
    expect(await saver.flush()).toBe(false)
    await vi.advanceTimersByTimeAsync(4500)
    expect(saver.state.value).toBe('failed')
    await vi.advanceTimersByTimeAsync(8500)
    expect(save).toHaveBeenCalledTimes(3)
    expect(saver.state.value).toBe('saved')
    // The line is back: not a moment later.
    save.mockRejectedValueOnce(away)
    saver.touch()
    await saver.flush()
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)
    expect(saver.state.value).toBe('saved')

    save.mockClear()
    save.mockRejectedValueOnce(new Refusal({ status: 422, code: 'too_long', detail: '太长' }))
    saver.touch()
    await saver.flush()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(save).toHaveBeenCalledTimes(1)
  })

  it.each(['stale', 'saved_elsewhere'])(
    'stops at a conflict until somebody decides: %s',
    async (code) => {
      const save = vi
        .fn<(base: number) => Promise<{ saved_at: string; base: number }>>()
        .mockRejectedValueOnce(new Refusal({ status: 409, code, detail: '别处已改' }))
        .mockResolvedValue(saved(9))
      const saver = autosave(save)
      saver.touch()
      expect(await saver.flush()).toBe(false)
      expect(saver.state.value).toBe('stale')
      saver.touch()
      await vi.advanceTimersByTimeAsync(5000)
      expect(save).toHaveBeenCalledTimes(1)
      expect(await saver.keepMine(8, '2026-11-20T02:31:00Z')).toBe(true)
      expect(save).toHaveBeenLastCalledWith(8, '2026-11-20T02:31:00Z')
      expect(saver.state.value).toBe('saved')
    },
  )
})
