import { shared } from '@trulayer/core/internal'

import { isFunction } from './guards.ts'
import type { HostFunction } from './types.ts'

/* The methods that were wrapped, by their objects, so that nothing is wrapped twice by whichever copy of this package. */
const wrapped = shared('llamaindex:wrapped', () => new WeakMap<object, Set<PropertyKey>>())

/**
 * Puts a method of ours before one of an object of the host's, on the object itself. An object that is frozen, and one that
 * has no such method, stays as it is.
 *
 * @param wrap - makes the method; `original` is called with what the host called ours with
 * @returns whether the object has the method
 */
export function wrapMethod(
  holder: object,
  name: PropertyKey,
  wrap: (original: HostFunction) => HostFunction,
): boolean {
  const original: unknown = Reflect.get(holder, name)
  const names = wrapped.get(holder) ?? new Set<PropertyKey>()
  if (!isFunction(original) || names.has(name)) {
    return isFunction(original)
  }
  const own = Object.getOwnPropertyDescriptor(holder, name)
  const isDone = Reflect.defineProperty(holder, name, {
    value: wrap(original),
    configurable: true,
    enumerable: own?.enumerable ?? false,
    writable: true,
  })
  if (isDone) {
    wrapped.set(holder, names.add(name))
  }
  return true
}
