/** Dark mode follows the system; Element Plus reads it from a class on the root. */
export function followSystem() {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const set = () => document.documentElement.classList.toggle('dark', dark.matches)
  dark.addEventListener('change', set)
  set()
}
