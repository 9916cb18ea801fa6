import type { Recorder, Run, RunFields } from '@trulayer/core/internal'

import { mapError } from './map-error.ts'
import { notesOf } from './run-notes.ts'

/** Ends a run that LangChain reports as failed, which may be an interrupt, a hand-off or an abort. */
export function failRun(
  recorder: Recorder,
  run: Run | undefined,
  error: unknown,
  fields: RunFields = {},
): void {
  if (run === undefined) {
    return
  }
  const end = mapError(error)
  recorder.end(run, { ...fields, ...end })
  if (end.status === 'interrupted') {
    noteWaiting(run)
  }
}

/** Tells the run above that this one waits for a person. */
export function noteWaiting(run: Run): void {
  const above = notesOf(run.parent)
  if (above !== undefined) {
    above.isWaiting = true
  }
}
