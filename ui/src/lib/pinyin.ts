// First letters of the pinyin of Chinese words, from the browser's own collation: no table is shipped.

// The first character that sorts under each letter (i, u and v begin no syllable).
const FIRST: [string, string][] = [
  ['a', '阿'],
  ['b', '八'],
  ['c', '嚓'],
  ['d', '咑'],
  ['e', '妸'],
  ['f', '发'],
  ['g', '旮'],
  ['h', '哈'],
  ['j', '丌'],
  ['k', '咔'],
  ['l', '垃'],
  ['m', '妈'],
  ['n', '拏'],
  ['o', '噢'],
  ['p', '妑'],
  ['q', '七'],
  ['r', '呥'],
  ['s', '仨'],
  ['t', '他'],
  ['w', '屲'],
  ['x', '夕'],
  ['y', '丫'],
  ['z', '帀'],
]
const collator = new Intl.Collator('zh-CN-u-co-pinyin')
const known = new Map<string, string>()

function initial(char: string): string {
  if (/[a-z0-9]/i.test(char)) return char.toLowerCase()
  if (!/\p{Script=Han}/u.test(char)) return ''
  const before = known.get(char)
  if (before !== undefined) return before
  let found = ''
  for (const [letter, first] of FIRST) {
    if (collator.compare(first, char) > 0) break
    found = letter
  }
  known.set(char, found)
  return found
}

/** 财政局 → `czj`. */
export function initials(text: string): string {
  return [...text].map(initial).join('')
}
