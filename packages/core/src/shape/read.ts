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

/** A path of names. */
export type Path = readonly [first: PropertyKey, second?: PropertyKey, third?: PropertyKey]

/**
 * What stands under a name, or at the end of a path of up to three; `undefined` where the path breaks off. No rest parameter,
 * for this is called a hundred times a turn.
 */
export function read(
  value: unknown,
  first: PropertyKey,
  second?: PropertyKey,
  third?: PropertyKey,
): unknown {
  const found = isObject(value) ? value[first] : undefined
  return second === undefined ? found : read(found, second, third)
}

/**
 * The export of a module under a name; `undefined` where reading it throws. A mocked module throws for what its factory
 * leaves out, and one that is still loading for everything.
 */
export function readExport(module: unknown, name: PropertyKey): unknown {
  try {
    return isObject(module) || typeof module === 'function' ? Reflect.get(module, name) : undefined
  } catch {
    return undefined
  }
}

/** The text at the end of a path; `undefined` where there is none or an empty one. */
export function readText(
  value: unknown,
  first: PropertyKey,
  second?: PropertyKey,
  third?: PropertyKey,
): string | undefined {
  const found = read(value, first, second, third)
  return isText(found) ? found : undefined
}

/** The list at the end of a path; an empty one where there is none. */
export function readList(
  value: unknown,
  first: PropertyKey,
  second?: PropertyKey,
): readonly unknown[] {
  const found = read(value, first, second)
  return isList(found) ? found : []
}
