import {
  guard,
  reportedEnd,
  type Recorder,
  type Run,
  type RunEnd,
  startTimer,
} from '@trulayer/core/internal'

import { notesOf } from './run-notes.ts'

/** Ends a run. `answer` says that it may be the last thing that its turn does. */
export function endRun(
  recorder: Recorder,
  run: Run | undefined,
  end: RunEnd & { readonly answer?: string | undefined; readonly isAnswer?: boolean } = {},
): void {
  if (run?.isOpen !== true) {
    return
  }
  recorder.end(run, end)
  const above = notesOf(run.parent)
  if (run.parent !== undefined && above !== undefined) {
    if (above.kind === 'inferred' && end.isAnswer === true) {
      above.answer = { text: end.answer }
    }
    settleSoon(recorder, run.parent)
  }
}

/** Ends a run that failed. */
export function failRun(
  recorder: Recorder,
  run: Run | undefined,
  error: unknown,
  end: RunEnd = {},
): void {
  const above = tellFailure(recorder, run, error, end)
  if (above !== undefined) {
    settleSoon(recorder, above)
  }
}

/** Ends a run as soon as nothing in it is open. */
export function endWithParts(recorder: Recorder, run: Run): void {
  const notes = notesOf(run)
  if (notes !== undefined) {
    notes.endsWithParts = true
    settleSoon(recorder, run)
  }
}

/** Ends what is open below a run, the innermost first. */
export function endBelow(recorder: Recorder, above: Run, end: (run: Run) => void): void {
  for (const run of above.turn.runs.toReversed()) {
    if (run !== above && run.isOpen && run.isInside(above)) {
      end(run)
    }
  }
  recorder.touch(above)
}

/*
 * Nothing tells that an engine failed, or that a chat is over. But an error travels by microtasks, and so does an answer:
 * who has done nothing more when the event loop comes round has failed, or is done.
 */
function settleSoon(recorder: Recorder, run: Run): void {
  if (isWaiting(run)) {
    const settleNow = (): void => settle(recorder, run)
    startTimer(() => guard('the end of a call', settleNow), 0, { keepAlive: true })
  }
}

function settle(recorder: Recorder, run: Run): void {
  let above: Run | undefined = run
  while (above !== undefined && isWaiting(above)) {
    const { failure, answer, endsWithParts: isHandedOn } = notesOf(above) ?? {}
    if (failure !== undefined && isHandedOn !== true) {
      above = tellFailure(recorder, above, failure.error)
    } else {
      recorder.end(above, { output: answer?.text })
      above = undefined
    }
  }
}

/* Fails a run and answers with the one above it, which has failed too unless it does something about it. */
function tellFailure(
  recorder: Recorder,
  run: Run | undefined,
  error: unknown,
  end: RunEnd = {},
): Run | undefined {
  if (run?.isOpen !== true) {
    return undefined
  }
  recorder.end(run, { ...end, ...reportedEnd(error) })
  const above = notesOf(run.parent)
  if (above !== undefined) {
    above.failure = { error }
  }
  return run.parent
}

function isWaiting(run: Run): boolean {
  const notes = notesOf(run)
  return (
    run.isOpen &&
    !run.turn.hasLeft &&
    notes !== undefined &&
    (notes.endsWithParts ||
      (!notes.endsAlways && (notes.failure !== undefined || notes.answer !== undefined))) &&
    !hasOpenPart(run)
  )
}

function hasOpenPart(run: Run): boolean {
  return run.turn.runs.some((part) => part.parent === run && part.isOpen)
}
