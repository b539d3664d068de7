/** Single-key shortcuts. They are off while somebody types or a dialog is open. */
import { onBeforeUnmount, onMounted } from 'vue'

type Keys = Record<string, (event: KeyboardEvent) => void>

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type))
  )
}

function dialogOpen(): boolean {
  return Boolean(document.querySelector('[role="dialog"][aria-modal="true"]:not([hidden])'))
    ? [...document.querySelectorAll<HTMLElement>('[role="dialog"][aria-modal="true"]')].some(
        (dialog) => dialog.checkVisibility?.() ?? dialog.offsetParent !== null,
      )
    : false
}

export function useKeys(keys: Keys) {
  function pressed(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (event.defaultPrevented || typing(event.target) || dialogOpen()) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act(event)
  }
  onMounted(() => document.addEventListener('keydown', pressed))
  onBeforeUnmount(() => document.removeEventListener('keydown', pressed))
}
