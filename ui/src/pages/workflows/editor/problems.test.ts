import { mounted } from '@/testing/office'
import { describe, expect, it } from 'vitest'
import ProblemList, { type Found } from './ProblemList.vue'

const found = (message: string): Found => ({
  severity: 'warning',
  line: 77,
  column: 10,
  from: 0,
  to: 1,
  message,
  hint: '请登记文号系列',
})

describe('what is wrong with a flow', () => {
  it('is folded when it names every unit there is, and told whole to who asks', async () => {
    const long = `到编号时会被拒绝：${'某某机关的文号系列只用于通知；'.repeat(40)}末了`
    const shown = mounted(ProblemList, {
      found: [found(long), found('不长')],
      checking: false,
      trouble: '',
      empty: false,
    })
    expect(shown.text()).not.toContain('末了')
    expect(shown.text()).toContain('请登记文号系列')
    const folds = shown.findAll('button').filter((one) => one.text() === '展开全文')
    expect(folds).toHaveLength(1)
    await folds[0]!.trigger('click')
    expect(shown.text()).toContain('末了')
    await shown
      .findAll('button')
      .find((one) => one.text() === '收起')!
      .trigger('click')
    expect(shown.text()).not.toContain('末了')
  })
})
