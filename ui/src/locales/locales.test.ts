import { describe, expect, it } from 'vitest'
import en from './en.json'
import zh from './zh-CN.json'

function keys(of: object, under = ''): string[] {
  return Object.entries(of).flatMap(([key, value]) =>
    typeof value === 'object' && value ? keys(value, `${under}${key}.`) : [`${under}${key}`],
  )
}

describe('the words of the UI', () => {
  it('exist in English under the same keys', () => {
    expect(keys(en).sort()).toEqual(keys(zh).sort())
  })

  it('say nothing in the words of a machine', () => {
    const all = JSON.stringify(zh)
    for (const word of ['实例', '节点', 'null', 'undefined']) expect(all).not.toContain(word)
  })
})
