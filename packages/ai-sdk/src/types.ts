/*
 * The little of the AI SDK's shapes that is read. Everything that comes from the SDK is `unknown` until one of these
 * guards has looked at it, so that four majors and three specification versions pass through the same code.
 */
import { isObject } from '@trulayer/core/internal'

/** A function of the SDK or of the user. */
export type HostFunction = (...args: unknown[]) => unknown

/** A class of the SDK. */
export type HostClass = abstract new (...args: unknown[]) => object

/** Something to read a stream from, be it the runtime's own class or a polyfill. */
export type HostStream = ReadableStream<unknown>

/** True for anything callable. */
export function isFunction(value: unknown): value is HostFunction {
  return typeof value === 'function'
}

/** True for anything callable that can be constructed; arrow functions and methods cannot. */
export function isClass(value: unknown): value is HostClass {
  return typeof value === 'function' && isObject(value.prototype)
}

/** True for a stream that can be read. */
export function isStream(value: unknown): value is HostStream {
  return isObject(value) && isFunction(value['getReader'])
}

/** True for an answer over HTTP, whoever made its class. */
export function isResponse(value: unknown): value is Response {
  return isObject(value) && isFunction(value['arrayBuffer']) && typeof value['status'] === 'number'
}

/** True for what `await` waits for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (isObject(value) || isFunction(value)) && isFunction(Reflect.get(value, 'then'))
}

/** True for what `for await` reads without help from a synchronous iterator. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && isFunction(value[Symbol.asyncIterator])
}

/** True for an abort signal, whoever made it. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return (
    isObject(value) &&
    typeof value['aborted'] === 'boolean' &&
    isFunction(value['addEventListener'])
  )
}

/** The value where it is text that says something. */
export function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The property of what may be no object at all. */
export function fieldOf(value: unknown, key: PropertyKey): unknown {
  return isObject(value) ? value[key] : undefined
}
