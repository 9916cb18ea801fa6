import { shared } from '@trulayer/core/internal'

import { isFunction } from './guards.ts'
import { type Instrumentation, type Recording, SharedRecording } from './instrumentation.ts'
import type { HostFunction } from './types.ts'

/* The methods that are wrapped, by their objects, so that none is wrapped twice by whichever copy of this package. */
const wrapped = shared(
  'llamaindex:wrapped',
  () => new WeakMap<object, Map<PropertyKey, SharedRecording>>(),
)

/**
 * Puts a method of ours before one of an object of the host's, on the object itself. An object that is frozen, and one that
 * has no such method, stays as it is.
 *
 * @param wrap - makes the method; `original` is called with what the host called ours with
 * @returns whether the object has the method
 */
export function wrapMethod(
  instrumentation: Instrumentation,
  holder: object,
  name: PropertyKey,
  wrap: (original: HostFunction, recording: Recording) => HostFunction,
): boolean {
  const original: unknown = Reflect.get(holder, name)
  if (!isFunction(original)) {
    return false
  }
  const recordings = wrapped.get(holder) ?? new Map<PropertyKey, SharedRecording>()
  const recording = recordings.get(name) ?? new SharedRecording()
  recording.add(instrumentation)
  if (!recordings.has(name) && replaceMethod(holder, name, wrap(original, recording))) {
    wrapped.set(holder, recordings.set(name, recording))
  }
  return true
}

/** Puts a method in the place of one, on the object itself. Returns whether that was possible. */
export function replaceMethod(holder: object, name: PropertyKey, method: HostFunction): boolean {
  const own = Object.getOwnPropertyDescriptor(holder, name)
  return Reflect.defineProperty(holder, name, {
    value: method,
    configurable: true,
    enumerable: own?.enumerable ?? false,
    writable: true,
  })
}
