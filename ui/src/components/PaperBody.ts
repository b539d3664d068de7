// The text of a document as paper shows it. Built as elements, never as HTML: what people type stays text.
import type { PMNode } from '@/api/types'
import { defineComponent, h, type PropType, type VNodeChild } from 'vue'

function level(node: PMNode): number {
  const found = Number(node.attrs?.['level'])
  return found >= 1 && found <= 4 ? found : 1
}

function inside(node: PMNode): VNodeChild[] {
  return (node.content ?? []).map(draw)
}

function span(node: PMNode, name: string): number | undefined {
  const found = Number(node.attrs?.[name])
  return found > 1 ? found : undefined
}

function draw(node: PMNode): VNodeChild {
  switch (node.type) {
    case 'text':
      return node.marks?.some((mark) => mark.type === 'bold')
        ? h('strong', node.text)
        : (node.text ?? '')
    case 'hardBreak':
      return h('br')
    case 'heading':
      // The page's own heading is h1; the paper's begin below it.
      return h(`h${level(node) + 1}`, { class: `level-${level(node)}` }, inside(node))
    case 'table':
      return h('div', { class: 'table' }, [h('table', [h('tbody', inside(node))])])
    case 'tableRow':
      return h('tr', inside(node))
    case 'tableCell':
      return h(
        'td',
        { colspan: span(node, 'colspan'), rowspan: span(node, 'rowspan') },
        inside(node),
      )
    case 'tableHeader':
      return h(
        'th',
        { colspan: span(node, 'colspan'), rowspan: span(node, 'rowspan') },
        inside(node),
      )
    case 'paragraph':
      return h('p', inside(node))
    default:
      return inside(node)
  }
}

export default defineComponent({
  name: 'PaperBody',
  props: { body: { type: Object as PropType<PMNode | null>, default: null } },
  setup: (props) => () => (props.body ? inside(props.body) : null),
})
