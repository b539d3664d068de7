// The editor of a document's text: exactly what the document model knows, so that nothing typed is lost later.
import type { PMDoc } from '@/api/types'
import { TableKit } from '@tiptap/extension-table'
import StarterKit from '@tiptap/starter-kit'
import type { JSONContent } from '@tiptap/core'
import { useEditor } from '@tiptap/vue-3'

export const EMPTY: PMDoc = { type: 'doc', content: [{ type: 'paragraph' }] }

export function useTextEditor(options: {
  label: string
  editable: boolean
  changed: (body: PMDoc) => void
}) {
  return useEditor({
    editable: options.editable,
    extensions: [
      StarterKit.configure({
        heading: { levels: [1, 2, 3, 4] },
        blockquote: false,
        bulletList: false,
        orderedList: false,
        listItem: false,
        listKeymap: false,
        code: false,
        codeBlock: false,
        horizontalRule: false,
        italic: false,
        link: false,
        strike: false,
        underline: false,
      }),
      TableKit.configure({ table: { resizable: false } }),
    ],
    content: EMPTY as JSONContent,
    editorProps: {
      attributes: {
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': options.label,
        spellcheck: 'false',
      },
    },
    onUpdate: ({ editor }) => options.changed(editor.getJSON() as PMDoc),
  })
}
