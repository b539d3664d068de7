import type { Entry } from '@/api/types'
import CaseTimeline from '@/components/CaseTimeline.vue'
import DueBadge from '@/components/DueBadge.vue'
import FlowPicture from '@/components/FlowPicture.vue'
import FormFields from '@/components/FormFields.vue'
import OpinionBox from '@/components/OpinionBox.vue'
import PaperBody from '@/components/PaperBody'
import PaperSheet from '@/components/PaperSheet.vue'
import PeoplePicker from '@/components/PeoplePicker.vue'
import UnitPicker from '@/components/UnitPicker.vue'
import UrgencyTag from '@/components/UrgencyTag.vue'
import { formFields } from '@/lib/form'
import { LIN, mounted, ZHAO } from '@/testing/office'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>'

afterEach(() => {
  document.body.innerHTML = ''
})

describe('small signs', () => {
  it('say lateness in words beside the colour', () => {
    const due = (days_left: number) =>
      mounted(DueBadge, {
        due: { at: '2026-11-20T02:00:00Z', provisional: false, days_left },
      }).text()
    expect(due(-2)).toContain('超期 2 个工作日')
    expect(due(0)).toContain('今天到期')
    expect(due(5)).toBe('剩 5 个工作日')
  })

  it('show urgency only where there is any', () => {
    expect(mounted(UrgencyTag, { urgency: 'extra_urgent' }).text()).toBe('特急')
    expect(mounted(UrgencyTag, { urgency: '加急' }).text()).toBe('加急')
    expect(mounted(UrgencyTag, { urgency: 'none' }).text()).toBe('')
  })
})

describe('text of people', () => {
  it('stays text in opinions', () => {
    const entry: Entry = {
      at: '2026-11-20T02:32:00Z',
      kind: 'opinion',
      by: ZHAO,
      step_title: '会签',
      text: SCRIPT,
      said: '同意',
      version: 1,
      round: 2,
      outdated: true,
    }
    const shown = mounted(CaseTimeline, { entries: [entry], version: 2 })
    expect(shown.text()).toContain(SCRIPT)
    expect(shown.find('script').exists()).toBe(false)
    expect(shown.find('img').exists()).toBe(false)
    expect(shown.text()).toContain('第2轮')
    expect(shown.text()).toContain('其后文稿有改动')
    expect(shown.text()).toContain('市财政局 局长')
  })

  it('stays text on the paper, whatever the node is called', () => {
    const body = {
      type: 'doc',
      content: [
        { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: SCRIPT }] },
        { type: 'script', content: [{ type: 'text', text: 'alert(3)' }] },
        { type: 'paragraph', content: [{ type: 'text', text: '要点', marks: [{ type: 'bold' }] }] },
      ],
    }
    const shown = mounted(PaperBody, { body })
    expect(shown.find('script').exists()).toBe(false)
    expect(shown.find('img').exists()).toBe(false)
    expect(shown.find('h2').text()).toBe(SCRIPT)
    expect(shown.find('strong').text()).toBe('要点')
  })
})

describe('the paper', () => {
  it('has the red head, the addressees by rank, and what is decided later left open', () => {
    const facts = {
      kind: '通知',
      organ: 'office',
      urgency: '特急',
      recipients: ['finance', 'justice', 'east'],
      publicity: '主动公开',
    }
    const shown = mounted(
      PaperSheet,
      { facts, attachments: [], draft: true },
      { title: '关于值班的通知' },
    )
    expect(shown.text()).toContain('云州市政府办公室文件')
    expect(shown.text()).toContain('市财政局、市司法局，东湖区政府：')
    expect(shown.text()).toContain('（签发后编号）')
    expect(shown.text()).toContain('（此件公开发布）')
    expect(shown.text()).toContain('特急')
  })
})

describe('an opinion box', () => {
  it('takes a phrase, and says a trouble to readers of the screen', async () => {
    const shown = mounted(OpinionBox, {
      label: '意见',
      modelValue: '',
      required: true,
      error: '请填写意见。',
    })
    expect(shown.find('[role=alert]').text()).toBe('请填写意见。')
    const area = shown.find('textarea')
    await flushPromises()
    expect(area.attributes('aria-invalid')).toBe('true')
    expect(shown.find(`label[for="${area.attributes('id')}"]`).text()).toContain('意见')
    await shown
      .findAll('button')
      .find((button) => button.text() === '同意。')!
      .trigger('click')
    expect(shown.emitted('update:modelValue')?.[0]).toEqual(['同意。'])
  })
})

describe('a unit picker', () => {
  it('takes a whole group, keeps the order of the directory, and matches a pasted list', async () => {
    const update = vi.fn()
    const shown = mounted(UnitPicker, { modelValue: ['east'], 'onUpdate:modelValue': update })
    await flushPromises()
    await shown.find('fieldset .whole input').setValue(true)
    expect(update).toHaveBeenLastCalledWith(['office', 'finance', 'justice', 'east'])
    await shown
      .findAll('button')
      .find((button) => button.text() === '粘贴名单')!
      .trigger('click')
    await shown.find('textarea').setValue('市司法局\n市气象台')
    await shown
      .findAll('button')
      .find((button) => button.text() === '逐一识别')!
      .trigger('click')
    expect(update).toHaveBeenLastCalledWith(['justice', 'east'])
    expect(shown.text()).toContain('没有识别：市气象台')
  })

  it('finds by first letters', async () => {
    const shown = mounted(UnitPicker, { modelValue: [] })
    await shown.find('input[type=text]').setValue('dhq')
    expect(shown.findAll('.row').map((row) => row.text())).toEqual(['东湖区政府'])
  })
})

describe('a people picker', () => {
  it('offers everybody in their posts, found by pinyin, or only those that the flow allows', async () => {
    const update = vi.fn()
    const shown = mounted(PeoplePicker, {
      label: '转给',
      modelValue: [],
      multiple: false,
      'onUpdate:modelValue': update,
    })
    await vi.waitFor(() => expect(shown.text()).toContain('市财政局 局长'))
    await shown.findAll('input[type=radio]')[1]!.setValue(true)
    expect(update).toHaveBeenCalledWith([{ person: '赵丽', post: ZHAO.post }])
    const few = mounted(PeoplePicker, { label: '传阅', modelValue: [], candidates: [LIN] })
    expect(few.text()).not.toContain('赵丽')
    const others = mounted(PeoplePicker, { label: '转给', modelValue: [], except: '赵丽' })
    await vi.waitFor(() => expect(others.text()).toContain('林晓'))
    expect(others.text()).not.toContain('赵丽')
  })
})

describe('a form', () => {
  it('gives numbers as numbers, and keeps what is none as typed', async () => {
    const update = vi.fn()
    const fields = formFields([
      { name: 'days', title: '天数', type: 'number', required: true, options: [] },
      { name: 'kind', title: '类别', type: 'choice', required: true, options: ['年假', '病假'] },
    ])
    const shown = mounted(FormFields, {
      fields,
      modelValue: {},
      errors: { days: '请填写天数。' },
      'onUpdate:modelValue': update,
    })
    expect(shown.text()).toContain('请填写天数。')
    const days = shown.find('input[inputmode=decimal]')
    await days.setValue('3')
    expect(update).toHaveBeenLastCalledWith({ days: 3 })
    await days.setValue('三')
    expect(update).toHaveBeenLastCalledWith({ days: '三' })
    await shown.findAll('input[type=radio]')[1]!.setValue(true)
    expect(update).toHaveBeenLastCalledWith({ kind: '病假' })
  })
})

describe('a flow picture', () => {
  it('says in words where the case stands', async () => {
    const picture = {
      nodes: [
        { id: 'a', title: '拟稿', kind: 'handle' },
        { id: 'b', title: '会签', kind: 'handle' },
      ],
      edges: [{ from: 'a', to: 'b' }],
    }
    const steps = [
      { id: 'a', state: 'done', who: ['林晓'], rounds: 2 },
      { id: 'b', state: 'current', who: ['赵丽'], rounds: 1 },
    ]
    const shown = mounted(FlowPicture, { picture, steps, direction: 'LR' })
    await vi.waitFor(() => expect(shown.find('svg').exists()).toBe(true))
    expect(shown.find('svg title').text()).toContain('当前：会签（赵丽）')
    expect(shown.find('.node.done').text()).toContain('✓ 拟稿')
    expect(shown.find('.node.done').text()).toContain('第2轮')
  })
})
