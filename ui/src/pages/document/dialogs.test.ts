import type { Offer } from '@/api/types'
import { mounted, task, view } from '@/testing/office'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import type { Acting } from './acting'
import DecisionPanel from './DecisionPanel.vue'
import SendBackDialog from './SendBackDialog.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

function acting(trouble = ''): Acting & { perform: ReturnType<typeof vi.fn> } {
  return {
    busy: ref(false),
    trouble: ref(trouble),
    behind: ref(trouble !== ''),
    perform: vi.fn(async () => true),
  }
}

describe('退回', () => {
  const offer: Offer = {
    act: 'send_back',
    task: 7,
    opinion_required: true,
    targets: [
      {
        step: 'head',
        title: '处室审核',
        kind: 'previous',
        out_of_block: false,
        resume: ['direct', 'stepwise'],
        consequence: '退回周明。',
      },
      {
        step: 'draft',
        title: '拟稿',
        kind: 'initiator',
        out_of_block: true,
        resume: ['stepwise'],
        consequence: '只退回财政局这一支；司法局继续。',
      },
    ],
  }
  const press = (shown: ReturnType<typeof mounted>) =>
    shown
      .findAll('footer button')
      .find((button) => button.text() === '退回')!
      .trigger('click')

  it('is not done without a reason, and then says to whom and how it comes back', async () => {
    const done = vi.fn()
    const shown = mounted(SendBackDialog, {
      modelValue: true,
      offer,
      here: '核稿',
      acting: acting(),
      onDone: done,
    })
    await flushPromises()
    await press(shown)
    expect(done).not.toHaveBeenCalled()
    expect(shown.find('[role=alert]').text()).toContain('请写明理由')
    await shown.find('textarea').setValue('预算不足')
    await press(shown)
    expect(done).toHaveBeenCalledWith('head', 'direct', '预算不足')
  })

  it('shows what becomes of the others, and only the ways back that are allowed', async () => {
    const done = vi.fn()
    const shown = mounted(SendBackDialog, {
      modelValue: true,
      offer,
      here: '核稿',
      acting: acting(),
      onDone: done,
    })
    await flushPromises()
    await shown.findAll('input[name=target]')[1]!.setValue(true)
    expect(shown.text()).toContain('只退回财政局这一支；司法局继续。')
    expect(shown.findAll('input[name=resume]')).toHaveLength(0)
    await shown.find('textarea').setValue('预算不足')
    await press(shown)
    expect(done).toHaveBeenCalledWith('draft', 'stepwise', '预算不足')
  })
})

describe('the decision', () => {
  const agree = (shown: ReturnType<typeof mounted>) =>
    shown
      .findAll('button')
      .find((button) => button.text() === '同意')!
      .trigger('click')

  it('is one act with the opinion and the version seen', async () => {
    const doing = acting()
    const shown = mounted(DecisionPanel, { view: view(), task: task(), acting: doing })
    await shown.find('textarea').setValue(' 同意印发。 ')
    await agree(shown)
    expect(doing.perform).toHaveBeenCalledWith(
      expect.objectContaining({
        act: 'complete',
        task: 7,
        outcome: 'approved',
        opinion: '同意印发。',
        seen: null,
      }),
    )
  })

  it('asks for what is required before anything is sent', async () => {
    const doing = acting()
    const asked = task({
      picks: [
        {
          name: 'handlers',
          title: '承办单位',
          what: 'units',
          lead: true,
          required: true,
          candidates: null,
        },
      ],
    })
    const shown = mounted(DecisionPanel, {
      view: view({ tasks: [asked], offers: [{ act: 'approve', task: 7, opinion_required: true }] }),
      task: asked,
      acting: doing,
    })
    await agree(shown)
    expect(doing.perform).not.toHaveBeenCalled()
    expect(shown.text()).toContain('请填写意见。')
    expect(shown.text()).toContain('请选择承办单位')
  })

  it('shows a refusal where it was asked, with the way on', async () => {
    const shown = mounted(DecisionPanel, {
      view: view(),
      task: task(),
      acting: acting('该待办已由“周明”于11月20日10:32办理，您的操作没有生效。请查看最新情况。'),
    })
    expect(shown.find('[role=alert]').text()).toContain('已由“周明”')
    await shown
      .findAll('button')
      .find((button) => button.text() === '查看最新情况')!
      .trigger('click')
    expect(shown.emitted('reload')).toHaveLength(1)
  })

  it('offers nothing that is not offered', () => {
    const shown = mounted(DecisionPanel, {
      view: view({ offers: [] }),
      task: task(),
      acting: acting(),
    })
    expect(shown.findAll('button')).toHaveLength(0)
    expect(shown.text()).toContain('目前没有需要您办理的事项')
  })
})
