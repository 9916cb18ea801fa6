import { isObject } from './read.ts'
import { wellFormedText } from './well-formed-text.ts'

/* How `JSON.stringify` writes a NUL and a lone surrogate; a text that merely spells it out has one backslash more. */
const ILL_FORMED = /\\u(?:0000|d[89a-f])/

/**
 * The value as JSON without what PostgreSQL's `jsonb` refuses, in keys and in names as well as in payloads, since one such
 * character costs a whole batch. Nearly every text has no escape of the kind, and is written once.
 *
 * @throws whatever reading the value throws
 */
export function wellFormedJson(value: object): string {
  const json = JSON.stringify(value)
  return json.includes('\\u') && ILL_FORMED.test(json) ? JSON.stringify(value, mend) : json
}

function mend(_key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    return wellFormedText(value)
  }
  return isObject(value) && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [wellFormedText(key), item]))
    : value
}
