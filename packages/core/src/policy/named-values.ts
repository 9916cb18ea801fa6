import { isJsonList, type JsonValue } from '../shape/json.ts'

/* The fields that name the `value` beside them, as in HAR files, form fields and variables of an environment. */
const NAME_FIELDS: ReadonlySet<string> = new Set(['name', 'key', 'header', 'field'])

/** Whether a field names the `value` of its object: `{ name: 'Authorization', value: '…' }`. */
export function isNameField(key: string): boolean {
  return NAME_FIELDS.has(key)
}

/** The name that an object gives its `value`; `undefined` for any other object. */
export function nameOf(object: { readonly [key: string]: JsonValue }): string | undefined {
  if (!Object.hasOwn(object, 'value')) {
    return undefined
  }
  for (const field of NAME_FIELDS) {
    const name = Object.hasOwn(object, field) ? object[field] : undefined
    if (typeof name === 'string') {
      return name
    }
  }
  return undefined
}

/** The key of Node for a flat list of the names and values of headers. */
export const RAW_HEADERS = 'rawHeaders'

/** The name before the value at an odd place of a flat list. */
export function nameBefore(values: readonly JsonValue[], index: number): string | undefined {
  const before = index % 2 === 1 ? values[index - 1] : undefined
  return typeof before === 'string' ? before : undefined
}

/** A name and its value, as `Headers` and `Map` hold them in lists. */
export type Pair = readonly [name: string, value: JsonValue]

/** True for a list of a name and a value. */
export function isPair(value: JsonValue): value is Pair {
  return isJsonList(value) && value.length === 2 && typeof value[0] === 'string'
}
