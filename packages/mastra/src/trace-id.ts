import type { TruLayer } from '@trulayer/core'
import { readText, resolveRecorder, settlePostponed, toUuid } from '@trulayer/core/internal'

import { runKey } from './run-key.ts'
import { knownTrace, naturalTraceId } from './trace-names.ts'

/** Which client recorded the run. */
export interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined
}

/**
 * The id of the trace that a run of Mastra went into, for `submitFeedback`.
 *
 * @param resultOrTraceId - what `generate`, `stream` or a workflow's run returned, a stream before it is read included; or
 *   its `traceId`
 * @returns a lower-case UUID; `undefined` for what holds no trace id. A run of another process is taken for the first of
 *   its trace
 *
 * @example
 * ```ts
 * const answer = await agent.generate(question)
 * await getClient().submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })
 * ```
 */
export function trulayerTraceId(
  resultOrTraceId: unknown,
  options: TraceIdOptions = {},
): string | undefined {
  const traceId =
    typeof resultOrTraceId === 'string' ? resultOrTraceId : readText(resultOrTraceId, 'traceId')
  if (traceId === undefined) {
    return undefined
  }
  settlePostponed()
  const spanId = readText(resultOrTraceId, 'spanId')
  const bySpan =
    spanId === undefined ? undefined : resolveRecorder(options.client).traceIdOf(runKey(spanId))
  return bySpan ?? knownTrace(traceId)?.traceId ?? naturalTraceId(traceId) ?? toUuid(traceId)
}
