import { type Run, shared } from '@trulayer/core/internal'

import { isText } from './is-object.ts'
import type { ToolCallLike } from './types.ts'

/* By turn, and gone with it. */
const callsOfTurns = shared('langchain:toolCalls', () => new WeakMap<object, Map<string, string>>())

/** Remembers which tools a model asked for, so that a tool which does not say its name has one. */
export function rememberToolCalls(run: Run, calls: readonly ToolCallLike[]): void {
  if (calls.length === 0) {
    return
  }
  const known = callsOfTurns.get(run.turn) ?? new Map<string, string>()
  callsOfTurns.set(run.turn, known)
  for (const { id, name } of calls) {
    if (isText(id) && isText(name)) {
      known.set(id, name)
    }
  }
}

/** The name of the tool that was asked for in a call of this turn. */
export function toolCallName(run: Run, callId: string | undefined): string | undefined {
  return callId === undefined ? undefined : callsOfTurns.get(run.turn)?.get(callId)
}
