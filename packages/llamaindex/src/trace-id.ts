import type { TruLayer } from '@trulayer/core'
import { resolveRecorder } from '@trulayer/core/internal'

import { traceOfResult } from './result-traces.ts'
import { runKey } from './run-key.ts'

/** Which client recorded the run. */
export interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined
}

/**
 * The id of the trace that a call of LlamaIndex went into, for `submitFeedback`.
 *
 * @param resultOrRunId - what a call returned: the answer of an engine, a chat or a model, a stream before it is read, the
 *   final event of an agent, or the stream of its events; or the `id` that events of the callback manager carry
 * @returns a lower-case UUID; `undefined` for what is not known
 *
 * @example
 * ```ts
 * const answer = await queryEngine.query({ query })
 * await getClient().submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })
 * ```
 */
export function trulayerTraceId(
  resultOrRunId: unknown,
  options: TraceIdOptions = {},
): string | undefined {
  return typeof resultOrRunId === 'string'
    ? resolveRecorder(options.client).traceIdOf(runKey(resultOrRunId))
    : traceOfResult(resultOrRunId)
}
