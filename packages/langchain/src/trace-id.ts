import type { TruLayer } from '@trulayer/core'
import { readText, resolveRecorder, settlePostponed, toUuid } from '@trulayer/core/internal'

import { traceOfResult } from './result-traces.ts'
import { runKey } from './run-key.ts'

/** Which client recorded the run. */
export interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined
}

const MESSAGE_ID_PREFIX = 'run-'

/**
 * The id of the trace that a run of LangChain went into, for `submitFeedback`.
 *
 * @param resultOrRunId - what a call returned: the answer of a model, the state of a graph or an agent, a list of messages;
 *   or the `runId` of the call's config, or any run id that a callback saw
 * @returns a lower-case UUID. A run that is not remembered is taken for the outermost of its turn, whose id is that of the
 *   trace; `undefined` for what holds no run id
 *
 * @example
 * ```ts
 * const runId = crypto.randomUUID()
 * await agent.invoke(input, { runId, callbacks: [new TruLayerCallbackHandler()] })
 * await trulayer.submitFeedback({ traceId: trulayerTraceId(runId), label: 'good' })
 * ```
 */
export function trulayerTraceId(
  resultOrRunId: unknown,
  options: TraceIdOptions = {},
): string | undefined {
  settlePostponed()
  const known = traceOfResult(resultOrRunId)
  if (known !== undefined) {
    return known
  }
  const text = typeof resultOrRunId === 'string' ? resultOrRunId : readText(resultOrRunId, 'id')
  const runId = text?.startsWith(MESSAGE_ID_PREFIX) ? text.slice(MESSAGE_ID_PREFIX.length) : text
  if (runId === undefined) {
    return undefined
  }
  return resolveRecorder(options.client).traceIdOf(runKey(runId)) ?? toUuid(runId)
}
