import { read } from '@trulayer/core/internal'

/** Calls a method of an object of the framework; `undefined` if it has no such method. */
export function callMethod(holder: unknown, name: string, ...args: readonly unknown[]): unknown {
  const method = read(holder, name)
  return typeof method === 'function' ? Reflect.apply(method, holder, args) : undefined
}
