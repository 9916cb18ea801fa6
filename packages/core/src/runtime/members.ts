/* Members of objects that belong to the runtime, the platform or other vendors, which are read by shape. */

/** A method that keeps its object. */
export type Method = (...parameters: readonly unknown[]) => unknown

/** A property of an object or a function; `undefined` of anything else. */
export function property(holder: unknown, name: PropertyKey): unknown {
  return (typeof holder === 'object' || typeof holder === 'function') && holder !== null
    ? Reflect.get(holder, name)
    : undefined
}

/** A method of an object, bound to it; `undefined` where it has no function of that name. */
export function method(holder: unknown, name: PropertyKey): Method | undefined {
  const value = property(holder, name)
  return typeof value === 'function'
    ? (...parameters) => Reflect.apply(value, holder, parameters)
    : undefined
}
