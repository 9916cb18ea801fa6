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
    properties[key] = {
      value: replacements[key],
      configurable: true,
      enumerable: properties[key]?.enumerable ?? true,
      writable: true,
    }
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
  // Not a proxy of the original itself: what is frozen there would have to be given back unchanged.
  return new Proxy(copyWith(original, replacements), {
    get: (_copy, key) =>
      Object.hasOwn(replacements, key) ? replacements[key] : readThrough(original, key),
    set: (_copy, key, value) => Reflect.set(original, key, value, original),
  })
}

function readThrough(original: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(original, key, original)
  // A bound function loses its own properties, which own functions (schemas) and the class may have.
  const isMethod =
    typeof value === 'function' && key !== 'constructor' && !Object.hasOwn(original, key)
  return isMethod ? value.bind(original) : value
}
