import {
  type FailedEnd,
  failureEnd,
  guard,
  reportedEnd as plainReportedEnd,
  reportedFailure,
  type RunEnd,
} from '@trulayer/core/internal'

import { fieldOf } from './types.ts'

/** Shown where the SDK reports that the stream of a model has an error part, and not which error. */
export const UNKNOWN_STREAM_ERROR = {
  name: 'Error',
  message: 'the provider reported an error in its stream',
}

/* ai 4 fails the whole call with this error when a tool fails. */
const TOOL_FAILED = 'AI_ToolExecutionError'

/** How a tool ends that returned, which may report a failure in its result. */
export function toolEnd(output: unknown): RunEnd {
  const error = guard('the result of a tool', () => reportedFailure(output))
  return error === undefined ? { output } : { status: 'error', error, output }
}

/** How a run ends that threw where its signal is out of reach, as for a telemetry engine. */
export function reportedEnd(error: unknown): FailedEnd {
  return fieldOf(error, 'name') === TOOL_FAILED
    ? failureEnd(error, undefined)
    : plainReportedEnd(error)
}
