import type { Recorder, RunEnd } from '@trulayer/core/internal'

import type { Conversation, UndecidedRun } from './conversation.ts'

/** How an agent ended. */
export type AgentEnd = Pick<RunEnd, 'status' | 'reason' | 'error' | 'endedAt'>

/** Ends what waits to hear how its agent ended. */
export function settle(recorder: Recorder, conversation: Conversation, end: AgentEnd): void {
  for (const { run, endedAt, kind } of conversation.undecided.splice(0)) {
    recorder.end(run, { ...outcomeBelow(end, kind), endedAt })
  }
  for (const { run, endedAt } of conversation.waiting.splice(0)) {
    recorder.end(run, { status: 'interrupted', endedAt })
  }
  const open = conversation.call?.run
  if (open?.isOpen === true && end.status !== undefined && end.status !== 'ok') {
    // Older versions end nothing inside an agent that was cut.
    const { endedAt } = end
    recorder.end(open, { ...open.onClose?.(), ...outcomeBelow(end, 'failed'), endedAt })
  }
  recorder.update(open, { held: false })
}

function outcomeBelow({ status, reason, error }: AgentEnd, kind: UndecidedRun['kind']): RunEnd {
  if (status === 'cancelled' || status === 'interrupted') {
    return { status, reason }
  }
  return kind === 'failed' || (kind === 'cut' && status === 'error')
    ? { status: 'error', reason, error }
    : {}
}
