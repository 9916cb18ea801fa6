import { isNameField, RAW_HEADERS } from './named-values.ts'

/**
 * What a string in a JSON text is to become.
 *
 * @param key - the key before it; `undefined` where it is a key itself, or stands below none
 */
export type MapJsonString = (value: string, key: string | undefined) => string

/** What is done to a JSON text. */
export interface JsonTextMapping {
  readonly map: MapJsonString
  /** Whether everything under that key is a secret: every number is mapped then, however short it is. */
  readonly hides: (key: string) => boolean
  /** Whether a key that hides counts for what is inside objects and lists under it too, in place of their own keys. */
  readonly hidesBelow: boolean
}

/* An object or a list that is not closed yet. */
interface Container {
  /** The key that hides all of it. */
  readonly hiddenBy: string | undefined
  readonly isList: boolean
  /** The latest key of an object; for a list that under which it stands. */
  key: string | undefined
  /** A name that hides the `value` of its object, or the next entry of its list. */
  name: string | undefined
}

/**
 * A JSON text with its strings and long numbers mapped, and everything else as it stands there: its spaces, its numbers of
 * any length, keys that come twice. `undefined` for what is no JSON text or holds no string.
 */
export function mapJsonText(
  text: string,
  { map, hides, hidesBelow }: JsonTextMapping,
): string | undefined {
  if (!/^\s*[{["]/.test(text) || !isJson(text)) {
    return undefined
  }
  const isHiding = (key: string | undefined): key is string => key !== undefined && hides(key)
  const top: Container = { hiddenBy: undefined, isList: false, key: undefined, name: undefined }
  const containers: Container[] = [top]
  const current = (): Container => containers.at(-1) ?? top
  const keyNow = (): string | undefined => {
    const { hiddenBy, isList, key, name } = current()
    return hiddenBy ?? (isList || key === 'value' ? (name ?? key) : key)
  }
  const mapToken = (token: string): string => {
    if (token === '}' || token === ']') {
      containers.pop()
      return token
    }
    const key = keyNow()
    passName(current())
    if (token === '{' || token === '[') {
      containers.push({
        hiddenBy: hidesBelow && isHiding(key) ? key : undefined,
        isList: token === '[',
        key: token === '[' ? key : undefined,
        name: undefined,
      })
      return token
    }
    const isWanted = LONG_NUMBER.test(token) || isHiding(key)
    const after = isWanted ? map(token, key) : token
    return after === token ? token : JSON.stringify(after)
  }
  let result = ''
  let done = 0
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', done)) {
    result += text.slice(done, open).replaceAll(TOKEN, mapToken)
    const end = closingQuote(text, open) + 1
    const isKey = KEY_AFTER.test(text.slice(end, end + LONGEST_GAP))
    const value: unknown = JSON.parse(text.slice(open, end))
    const before = typeof value === 'string' ? value : ''
    const after = map(before, isKey ? undefined : keyNow())
    result += after === before ? text.slice(open, end) : JSON.stringify(after)
    if (isKey) {
      current().key = before
    } else if (hidesBelow) {
      // The place first: a text may be long, and few texts are in such a place.
      const isName = isNamePlace(current(), containers.at(-2)) && isHiding(before)
      passName(current())
      current().name = isName ? before : current().name
    }
    done = end
  }
  return result + text.slice(done).replaceAll(TOKEN, mapToken)
}

/* Whether a text there names what follows it: in an object, in a pair of a list of pairs, in the flat list of Node. */
function isNamePlace(container: Container, outer: Container | undefined): boolean {
  const { isList, key, name } = container
  return isList
    ? name === undefined && (outer?.isList === true || key === RAW_HEADERS)
    : isNameField(key ?? '')
}

/* The name before an entry of a list counts for that entry alone. */
function passName(container: Container): void {
  if (container.isList) {
    container.name = undefined
  }
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

/* What stands between strings and matters: the bounds of objects and lists, and numbers. */
const TOKEN = /[{}[\]]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/* Account and card numbers are written as numbers too, by some programs with a fraction. */
const LONG_NUMBER = /^-?\d{9,}(?:\.0*)?$/
