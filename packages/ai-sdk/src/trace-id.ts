import { shared } from '@trulayer/core/internal'

import type { Operation } from './operation.ts'

const traceIds = shared('ai-sdk:trace-ids', () => new WeakMap<object, string>())

/** Remembers which trace a result came from, as long as somebody has the result. */
export function rememberTraceId(result: object, operation: Operation): void {
  traceIds.set(result, operation.run.turn.id)
}

/**
 * The id of the trace that a result of an instrumented call belongs to, for feedback; `undefined` when nothing was
 * recorded. For a stream it is known as soon as the stream is there.
 *
 * @example
 * ```ts
 * const result = await agent.generate({ prompt })
 * await trulayer.submitFeedback({ traceId: trulayerTraceId(result), label: 'good' })
 * ```
 */
export function trulayerTraceId(result: object): string | undefined {
  return traceIds.get(result)
}
