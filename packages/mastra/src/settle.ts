import type { SpanStatus } from '@trulayer/core'
import type { Recorder, RunEnd } from '@trulayer/core/internal'

import type { Conversation, UndecidedRun } from './conversation.ts'
import type { ToldError } from './map-error.ts'

/** Ends what waits to hear how its agent ended. */
export function settle(
  recorder: Recorder,
  conversation: Conversation,
  status: SpanStatus,
  error: ToldError | undefined,
): void {
  for (const { run, endedAt, kind } of conversation.undecided.splice(0)) {
    recorder.end(run, { ...outcomeBelow(status, error, kind), endedAt })
  }
  for (const { run, endedAt } of conversation.waiting.splice(0)) {
    recorder.end(run, { status: 'interrupted', endedAt })
  }
  const open = conversation.call?.run
  if (open?.isOpen === true && status !== 'ok') {
    // Older versions end nothing inside an agent that was cut.
    recorder.end(open, outcomeBelow(status, error, 'failed'))
  }
  recorder.update(open, { held: false })
}

function outcomeBelow(
  status: SpanStatus,
  error: ToldError | undefined,
  kind: UndecidedRun['kind'],
): RunEnd {
  if (status === 'cancelled' || status === 'interrupted') {
    return { status }
  }
  return kind === 'failed' || (kind === 'cut' && status === 'error')
    ? { status: 'error', error }
    : {}
}
