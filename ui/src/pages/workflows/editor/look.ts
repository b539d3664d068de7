/** Colours of the editor out of the page's own, so that it is dark when the page is. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ws-blue)' },
  { tag: [tags.string, tags.content], color: 'var(--ws-ink)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--ws-ink-3)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: 'var(--ws-ink-2)' },
  { tag: [tags.keyword, tags.atom, tags.bool], color: 'var(--ws-amber)' },
])

const theme = EditorView.theme({
  '&': { color: 'var(--ws-ink)', backgroundColor: 'var(--ws-paper)', height: '100%' },
  // The frame around it shows the focus: the gutter would cover half of it.
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: "ui-monospace, Consolas, 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', monospace",
    fontSize: '14px',
    lineHeight: '1.6',
  },
  '.cm-content': { caretColor: 'var(--ws-ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ws-ink)', borderLeftWidth: '2px' },
  '.cm-gutters': {
    backgroundColor: 'var(--ws-ground)',
    color: 'var(--ws-ink-3)',
    borderRight: '1px solid var(--ws-line)',
  },
  '.cm-activeLineGutter': { backgroundColor: 'var(--ws-line)', color: 'var(--ws-ink)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ws-ink) 4%, transparent)' },
  '.cm-step': { backgroundColor: 'color-mix(in srgb, var(--ws-blue) 9%, transparent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'color-mix(in srgb, var(--ws-blue) 25%, transparent) !important',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--ws-blue-wash)',
    outline: '1px solid var(--ws-line-strong)',
  },
  '.cm-searchMatch': {
    backgroundColor: 'var(--ws-amber-wash)',
    outline: '1px solid var(--ws-amber)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--ws-paper)',
    color: 'var(--ws-ink)',
    border: '1px solid var(--ws-line-strong)',
    borderRadius: '6px',
    boxShadow: '0 4px 16px rgb(0 0 0 / 16%)',
    maxWidth: 'min(440px, 88vw)',
    zIndex: '30',
  },
  '.cm-tooltip .flow-means': {
    padding: '8px 12px',
    fontFamily: 'var(--ws-sans)',
    fontSize: '14px',
    lineHeight: '1.6',
    whiteSpace: 'normal',
  },
  '.cm-tooltip.cm-completionInfo': { padding: '0', width: '300px', maxWidth: '88vw' },
  '.cm-tooltip-autocomplete > ul': {
    fontFamily: "ui-monospace, Consolas, 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', monospace",
    fontSize: '14px',
    maxHeight: '16em',
    minWidth: '240px',
  },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > completion-section': {
    padding: '2px 8px',
    borderBottom: '1px solid var(--ws-line)',
    color: 'var(--ws-ink-3)',
    fontSize: '13px',
    opacity: '1',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--ws-blue-wash)',
    color: 'var(--ws-ink)',
  },
  '.cm-completionDetail': {
    color: 'var(--ws-ink-2)',
    fontStyle: 'normal',
    fontFamily: 'var(--ws-sans)',
    fontSize: '13px',
  },
  '.cm-completionIcon': { display: 'none' },
  '.cm-diagnostic': { padding: '6px 12px', fontFamily: 'var(--ws-sans)', fontSize: '14px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--ws-late)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--ws-amber)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--ws-late)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--ws-amber)',
    textUnderlineOffset: '3px',
  },
  '.cm-panels': { backgroundColor: 'var(--ws-ground)', color: 'var(--ws-ink)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--ws-line)' },
  '.cm-panel.cm-search': { fontSize: '14px', padding: '8px 28px 8px 10px' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label': {
    fontSize: '14px',
  },
  '.cm-textfield, .cm-button': {
    backgroundColor: 'var(--ws-paper)',
    backgroundImage: 'none',
    color: 'var(--ws-ink)',
    border: '1px solid var(--ws-line-strong)',
    borderRadius: '4px',
  },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--ws-ground)',
    border: '1px solid var(--ws-line-strong)',
    color: 'var(--ws-ink-2)',
  },
})

export const look = [theme, syntaxHighlighting(colours)]
