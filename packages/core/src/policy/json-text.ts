/**
 * What a string in a JSON text is to become.
 *
 * @param key - the key before it; `undefined` where it is a key itself, or stands below none
 */
export type MapJsonString = (value: string, key: string | undefined) => string

/**
 * A JSON text with its strings and long numbers mapped, and everything else as it stands there: its spaces, its numbers of
 * any length, keys that come twice. `undefined` for what is no JSON text or holds no string.
 */
export function mapJsonText(text: string, map: MapJsonString): string | undefined {
  if (!/^\s*[{["]/.test(text) || !isJson(text)) {
    return undefined
  }
  let result = ''
  let done = 0
  let key: string | undefined
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', done)) {
    const end = closingQuote(text, open) + 1
    const isKey = KEY_AFTER.test(text.slice(end, end + LONGEST_GAP))
    const value: unknown = JSON.parse(text.slice(open, end))
    const before = typeof value === 'string' ? value : ''
    const after = map(before, isKey ? undefined : key)
    result += mapNumbers(text.slice(done, open), key, map)
    result += after === before ? text.slice(open, end) : JSON.stringify(after)
    key = isKey ? before : key
    done = end
  }
  return result + mapNumbers(text.slice(done), key, map)
}

const KEY_AFTER = /^\s*:/
/* More space than this between a key and its colon is written by nobody; the key then counts as a value. */
const LONGEST_GAP = 1000

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // Text that merely begins like JSON, or was cut.
    return false
  }
}

/* In a JSON text there is one. */
function closingQuote(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1)
  while (quote >= 0 && isEscaped(text, quote)) {
    quote = text.indexOf('"', quote + 1)
  }
  return quote < 0 ? text.length : quote
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text[index - slashes - 1] === '\\') {
    slashes += 1
  }
  return slashes % 2 === 1
}

/* Account and card numbers are written as numbers too. */
function mapNumbers(gap: string, key: string | undefined, map: MapJsonString): string {
  return gap.replaceAll(/(?<![\d.eE+])\d{9,}(?![\d.eE])/g, (digits) => {
    const after = map(digits, key)
    return after === digits ? digits : JSON.stringify(after)
  })
}
