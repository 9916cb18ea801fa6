import { isObject, read } from '@trulayer/core/internal'

import type { EventCaller, EventManager, HostFunction } from './types.ts'

/** True for anything that can be called. */
export function isFunction(value: unknown): value is HostFunction {
  return typeof value === 'function'
}

/** True for a manager of events. */
export function isEventManager(value: unknown): value is EventManager {
  return (
    isObject(value) &&
    isFunction(value['on']) &&
    isFunction(value['off']) &&
    isFunction(value['dispatchEvent'])
  )
}

/** True for who called. */
export function isEventCaller(value: unknown): value is EventCaller {
  return isObject(value) && typeof value['id'] === 'string' && 'caller' in value
}

/** True for a stream: anything that is read part by part. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && isFunction(value[Symbol.asyncIterator])
}

/** True for a model: it chats, and says what it is called. */
export function isModel(value: unknown): value is object {
  return isFunction(read(value, 'chat')) && typeof read(value, 'metadata', 'model') === 'string'
}

/** True for what can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> & object {
  return isObject(value) && isFunction(value['then'])
}
