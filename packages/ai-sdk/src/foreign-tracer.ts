import { guard, isObject } from '@trulayer/core/internal'

import { fieldOf, type HostFunction, isFunction } from './types.ts'

/* Where every copy of the OpenTelemetry API keeps what the process has registered. */
const API = Symbol.for('opentelemetry.js.api.1')

/** A span of somebody else's, to be told what ours is told. */
export interface ForeignSpan {
  tell(method: string, ...parameters: unknown[]): unknown
}

/**
 * Runs the work inside a span of the OpenTelemetry provider that the process has registered, for without our tracer the
 * SDK would use that one. Where there is none the work is simply run.
 */
export function withForeignSpan<Result>(
  parameters: readonly unknown[],
  work: (span: ForeignSpan | undefined) => Result,
): Result {
  const found = guard('a registered tracer', findTracer)
  if (found === undefined) {
    return work(undefined)
  }
  let result: { readonly value: Result } | undefined
  Reflect.apply(found.startActiveSpan, found.tracer, [
    ...parameters.filter((parameter) => !isFunction(parameter)),
    (span: unknown): Result => {
      const value = work({
        tell: (method, ...given) => {
          const own = fieldOf(span, method)
          return isFunction(own) ? Reflect.apply(own, span, given) : undefined
        },
      })
      result = { value }
      return value
    },
  ])
  return result === undefined ? work(undefined) : result.value
}

function findTracer(): { tracer: object; startActiveSpan: HostFunction } | undefined {
  const provider = fieldOf(Reflect.get(globalThis, API), 'trace')
  const getTracer = fieldOf(provider, 'getTracer')
  const tracer: unknown = isFunction(getTracer)
    ? Reflect.apply(getTracer, provider, ['ai'])
    : undefined
  const startActiveSpan = fieldOf(tracer, 'startActiveSpan')
  return isObject(tracer) && isFunction(startActiveSpan) ? { tracer, startActiveSpan } : undefined
}
