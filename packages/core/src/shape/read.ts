/** Any object, read by name: what stands there may be anything. */
export type Fields = Readonly<Record<PropertyKey, unknown>>

/** True for an object that is no function and not null. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !Array.isArray(value)
}

/** True for a list of anything. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** True for a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** What stands at the end of a path of names; `undefined` where the path breaks off. */
export function read(value: unknown, ...path: readonly PropertyKey[]): unknown {
  let found = value
  for (const name of path) {
    if (!isObject(found)) {
      return undefined
    }
    found = found[name]
  }
  return found
}

/** The text at the end of a path; `undefined` where there is none or an empty one. */
export function readText(value: unknown, ...path: readonly PropertyKey[]): string | undefined {
  const found = read(value, ...path)
  return isText(found) ? found : undefined
}

/** The list at the end of a path; an empty one where there is none. */
export function readList(value: unknown, ...path: readonly PropertyKey[]): readonly unknown[] {
  const found = read(value, ...path)
  return isList(found) ? found : []
}
