import { LIN, task, view, ZHAO } from '@/testing/office'
import { describe, expect, it } from 'vitest'
import { inlineFields, isDrafting, moreActs, myTask, offer } from './offers'

describe('what a page offers', () => {
  it('is for my task: what is to be handled before what is only to be read', () => {
    const reading = task({ id: 1, kind: 'read' })
    const other = task({ id: 2, mine: false })
    const handling = task({ id: 3 })
    expect(myTask(view({ tasks: [reading, other, handling] }))?.id).toBe(3)
    expect(myTask(view({ tasks: [reading, other] }))?.id).toBe(1)
    expect(myTask(view({ tasks: [other] }))).toBeNull()
  })

  it('leaves out acts on the task of somebody else', () => {
    const shown = view({
      offers: [
        { act: 'approve', task: 8, opinion_required: false },
        { act: 'urge', task: null, opinion_required: false },
      ],
    })
    expect(offer(shown, 'approve', task())).toBeUndefined()
    expect(offer(shown, 'urge', task())).toBeDefined()
    expect(moreActs(shown, task())).toEqual(['urge'])
  })

  it('is writing for the author only; somebody else who may edit decides', () => {
    const shown = view({ initiator: LIN })
    expect(isDrafting(shown, task({ edit: ['body'], holder: LIN }))).toBe(true)
    expect(isDrafting(shown, task({ edit: ['body'], holder: ZHAO }))).toBe(false)
    expect(
      isDrafting(
        view({ form: { fields: [], values: {}, working: null } }),
        task({ edit: ['days'] }),
      ),
    ).toBe(true)
  })

  it('asks for fields beside the opinion where the text itself is not changed', () => {
    expect(inlineFields(task({ edit: ['series', 'note'] }))).toEqual(['series', 'note'])
    expect(inlineFields(task({ edit: ['series', 'body'] }))).toEqual([])
  })
})
