/** What CodeMirror itself says, in the language of the page. */
import { t } from '@/i18n'

const OWN = {
  Find: 'find',
  Replace: 'replace',
  next: 'next',
  previous: 'previous',
  all: 'all',
  'match case': 'match_case',
  'by word': 'by_word',
  regexp: 'regexp',
  replace: 'replace_one',
  'replace all': 'replace_all',
  close: 'close',
  'current match': 'current_match',
  'replaced $ matches': 'replaced_all',
  'replaced match on line $': 'replaced_line',
  'on line': 'on_line',
  'Go to line': 'go_to_line',
  go: 'go',
  Diagnostics: 'diagnostics',
  'No diagnostics': 'no_diagnostics',
  'Fold line': 'fold',
  'Unfold line': 'unfold',
  'folded code': 'folded',
  unfold: 'unfold',
  'Control character': 'control',
  Completions: 'completions',
} as const

export const phrases = () =>
  Object.fromEntries(Object.entries(OWN).map(([said, key]) => [said, t(`flow_editor.cm.${key}`)]))
