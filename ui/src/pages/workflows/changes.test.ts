import { describe, expect, it } from 'vitest'
import schema from '../../../../docs/workflow.schema.json'
import type { Picture } from '@/api/types'
import { inWords } from './changes'
import type { Rule } from './editor/rules'

const BEFORE = `steps:
  - id: draft
    title: 拟稿
    by: initiator
  - id: head
    title: 审核
    by: { head_of: initiator.unit }
    due: 2wd
    send_back:
      to: [initiator]
`
const drawn = (source: string, who: Record<string, string> = {}) => {
  const nodes = [...source.matchAll(/id: (\w+)\n {4}title: (.+)/g)].map((found) => ({
    id: found[1] ?? '',
    title: found[2] ?? '',
    kind: 'handle',
    who: who[found[1] ?? ''] ?? '发起人',
    offset: found.index,
  }))
  return { source, picture: { nodes, edges: [] } as unknown as Picture }
}
const words = (after: string, who: Record<string, string> = {}) =>
  inWords(drawn(BEFORE), drawn(after, who), schema as unknown as Rule)

describe('what another version means', () => {
  it('is nothing when nothing that matters changed', () => {
    expect(words(`# note\n${BEFORE}`)).toEqual([])
  })
  it('is said of steps that come, go, or are called otherwise', () => {
    expect(words(BEFORE.replace('id: head', 'id: chief').replace('审核', '签发'))).toEqual([
      '取消环节“审核”',
      '新增环节“签发”，由发起人办理',
    ])
    expect(words(BEFORE.replace('title: 审核', 'title: 复核'))).toEqual(['环节“审核”改称“复核”'])
  })
  it('is said of who has a step, and of what is asked of them', () => {
    expect(words(BEFORE, { head: '科长' })).toEqual(['“审核”的办理人：由“发起人”改为“科长”'])
    expect(words(BEFORE.replace('2wd', '5wd'))).toEqual(['“审核”的办理时限：由“2wd”改为“5wd”'])
    expect(words(BEFORE.replace('to: [initiator]', 'to: [previous]'))[0]).toContain('退回的规则')
  })
  it('is said of the order', () => {
    const [head, draft, second] = BEFORE.split(/(?= {2}- id)/)
    expect(words(`${head}${second}${draft}`)).toEqual(['环节的先后顺序有改动'])
  })
})
