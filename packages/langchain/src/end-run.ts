import {
  guard,
  read,
  type Recorder,
  type Run,
  type RunEnd,
  type RunFields,
} from '@trulayer/core/internal'

import { noteWaiting, passOnWaiting } from './interrupts.ts'
import { mapError } from './map-error.ts'
import { notesOf } from './run-notes.ts'
import { findStop } from './stopped-run.ts'
import { endAbandoned } from './unended-run.ts'

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
  const failed: RunEnd = { status: 'error', error }
  const end =
    guard('the kind of an error', () => findStop(recorder, run, error) ?? mapError(error)) ?? failed
  recorder.end(run, { ...fields, ...end })
  const stop = notesOf(run)?.stop
  if (stop !== undefined) {
    endAbandoned(recorder, run, stop)
  }
  if (end.status === 'interrupted') {
    noteWaiting(run, read(error, 'interrupts'))
    passOnWaiting(run)
  }
}
