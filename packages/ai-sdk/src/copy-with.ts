/** Properties that stand in for others. */
export type Replacements = Readonly<Record<PropertyKey, unknown>>

/**
 * A shallow copy with other values for some properties. Prototype, symbols, hidden properties and getters stay as they
 * are, and what is frozen can be copied too.
 */
export function copyWith<Original extends object>(
  original: Original,
  replacements: Replacements,
): Original {
  if (isPlainData(original)) {
    return { ...original, ...replacements }
  }
  const properties: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original)
  for (const key of Reflect.ownKeys(properties)) {
    properties[key] = { ...properties[key], configurable: true }
  }
  for (const key of Reflect.ownKeys(replacements)) {
    properties[key] = replacementOf(replacements[key], properties[key])
  }
  return Object.create(Object.getPrototypeOf(original), properties)
}

/*
 * What is written as a literal needs no descriptors, and nearly everything is. A getter is read here, once, where the SDK
 * would read it.
 */
function isPlainData(value: object): boolean {
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.getOwnPropertyNames(value).length === Object.keys(value).length
  )
}

/**
 * A stand-in for an object that has state of its own: reads and writes go to the original, methods run on it (so that
 * private fields work), and only the given properties are others.
 */
export function overlay<Original extends object>(
  original: Original,
  replacements: Replacements,
): Original {
  // Not a proxy of the original itself: what is frozen there would have to be given back unchanged. Nor of a copy, which
  // is made for each call and hardly ever looked at as a whole.
  const target: Original = Object.create(Object.getPrototypeOf(original))
  return new Proxy(target, {
    get: (_target, key) =>
      Object.hasOwn(replacements, key) ? replacements[key] : readThrough(original, key),
    set: (_target, key, value) => Reflect.set(original, key, value, original),
    has: (_target, key) => Object.hasOwn(replacements, key) || Reflect.has(original, key),
    ownKeys: () => [...new Set([...Reflect.ownKeys(original), ...Reflect.ownKeys(replacements)])],
    getOwnPropertyDescriptor: (_target, key) => describe(original, replacements, key),
  })
}

/* Whatever is not its target's own a proxy must show as configurable. */
function describe(
  original: object,
  replacements: Replacements,
  key: PropertyKey,
): PropertyDescriptor | undefined {
  const own = Reflect.getOwnPropertyDescriptor(original, key)
  if (Object.hasOwn(replacements, key)) {
    return replacementOf(replacements[key], own)
  }
  return own === undefined ? undefined : { ...own, configurable: true }
}

function replacementOf(
  value: unknown,
  original: PropertyDescriptor | undefined,
): PropertyDescriptor {
  return { value, configurable: true, enumerable: original?.enumerable ?? true, writable: true }
}

function readThrough(original: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(original, key, original)
  // A bound function loses its own properties, which own functions (schemas) and the class may have.
  const isMethod =
    typeof value === 'function' && key !== 'constructor' && !Object.hasOwn(original, key)
  return isMethod ? value.bind(original) : value
}
