import { isList, isObject, isText, type Recorder } from '@trulayer/core/internal'

import type { Listener } from './listener.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'

/** An event that the host dispatched, as an event of the trace. */
export function recordCustomEvent(
  recorder: Recorder,
  runId: string,
  heardBy: Listener,
  event: { readonly name: unknown; readonly data: unknown },
): void {
  const run = recorder.find(runKey(runId))
  const notes = notesOf(run)
  const { name, data } = event
  if (run === undefined || notes === undefined || notes.heardBy !== heardBy) {
    return
  }
  // The very same object twice is one event, told twice to a handler that is attached twice.
  if (isObject(data) && notes.latestEvent === data) {
    return
  }
  notes.latestEvent = data
  recorder.event(run, isText(name) ? name : 'event', {
    metadata: isObject(data) && !isList(data) ? { ...data } : { data },
  })
}
