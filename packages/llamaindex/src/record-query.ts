import { guard, read, readText, type Recorder } from '@trulayer/core/internal'

import { besideRunsOf, noteCaller } from './callers.ts'
import { endRun } from './end-run.ts'
import { isFunction, isStream } from './guards.ts'
import { mapAnswerText, mapQuery } from './map-answer.ts'
import { readLater } from './read-answer.ts'
import { rememberResult } from './result-traces.ts'
import { runKey, runOfDetail } from './run-key.ts'
import type { RunKind } from './run-notes.ts'
import { startRun } from './start-run.ts'
import type { ToldEvent } from './types.ts'

/** Starts a query of an engine. Where it is not the turn itself it is plumbing. */
export function startQuery(recorder: Recorder, event: ToldEvent): void {
  startPart(recorder, event, 'query')
}

/** Starts the synthesis of an answer, which is plumbing. */
export function startSynthesis(recorder: Recorder, event: ToldEvent): void {
  // Nodes are looked for beside it, not in it.
  besideRunsOf('retrieval', () => startPart(recorder, event, 'synthesis'))
}

/** Ends a query. An answer that streams is yet to be read: the query ends with its reader. */
export function endQuery(recorder: Recorder, { detail }: ToldEvent): void {
  const run = runOfDetail(recorder, detail)
  const response = read(detail, 'response')
  guard('the result of a query', () => rememberResult(run, response))
  if (run !== undefined && isStream(response)) {
    readLater(recorder, run, response)
  } else {
    const answer = guard('the answer of a query', () => mapAnswerText(response))
    endRun(recorder, run, { output: answer, answer, isAnswer: true })
  }
}

/** Ends the synthesis of an answer. */
export function endSynthesis(recorder: Recorder, { detail }: ToldEvent): void {
  endRun(recorder, runOfDetail(recorder, detail))
}

function startPart(
  recorder: Recorder,
  event: ToldEvent,
  kind: RunKind & ('query' | 'synthesis'),
): void {
  const id = readText(event.detail, 'id')
  if (id === undefined) {
    return
  }
  const { caller } = event
  const isQuery = kind === 'query'
  const run = startRun(
    recorder,
    {
      key: runKey(id),
      kind,
      name: isQuery ? 'query' : 'synthesize',
      type: 'other',
      folded: true,
      input: isQuery
        ? guard('the text of a query', () => mapQuery(read(event.detail, 'query')))
        : undefined,
    },
    // An engine tells of its query from inside its own call.
    isQuery && isFunction(read(caller, 'caller', 'query')) ? (caller?.parent ?? undefined) : caller,
  )
  if (run !== undefined && caller !== undefined) {
    noteCaller(caller, run)
  }
}
