import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { useKeys } from './keys'

function pressOn(target: EventTarget, key: string, more: KeyboardEventInit = {}) {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  )
}

describe('single-key shortcuts', () => {
  it('act on the page, not while typing, not with a modifier, and not after the page is left', () => {
    const next = vi.fn()
    const page = mount(
      defineComponent({
        setup: () => useKeys({ j: next }),
        template: '<div><input /><input type="checkbox" /><textarea /></div>',
      }),
      { attachTo: document.body },
    )
    pressOn(document.body, 'j')
    expect(next).toHaveBeenCalledTimes(1)
    pressOn(page.get('input').element, 'j')
    pressOn(page.get('textarea').element, 'j')
    pressOn(document.body, 'j', { ctrlKey: true })
    pressOn(document.body, 'j', { isComposing: true })
    expect(next).toHaveBeenCalledTimes(1)
    pressOn(page.get('[type=checkbox]').element, 'j')
    expect(next).toHaveBeenCalledTimes(2)
    page.unmount()
    pressOn(document.body, 'j')
    expect(next).toHaveBeenCalledTimes(2)
  })
})
