import { attributes, readText, type Recorder } from '@trulayer/core/internal'

import { noteWaiting } from './interrupts.ts'
import { pausedThread } from './paused-threads.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { addToolCalls } from './tool-calls.ts'
import type { GraphEventLike } from './types.ts'

/* Those of LangGraph's states in which a graph waits for somebody; it also tells when it ran out of steps. */
const WAITING: ReadonlySet<unknown> = new Set(['pending', 'interrupt_before', 'interrupt_after'])

/** Notes that the outermost graph pauses, also before or after a node, of which nothing else tells. */
export function recordPause(recorder: Recorder, event: GraphEventLike): void {
  if (WAITING.has(event.status)) {
    noteWaiting(recorder.find(keyOf(event)), event.interrupts)
  }
}

/** Links a graph that goes on to the turn in which it was paused. */
export function recordResume(recorder: Recorder, event: GraphEventLike): void {
  const run = recorder.find(keyOf(event))
  const thread = notesOf(run)?.thread
  const paused = thread === undefined ? undefined : pausedThread(recorder, thread)
  if (run === undefined || paused === undefined || attributes.resumedFrom in (run.metadata ?? {})) {
    return
  }
  recorder.update(run, { metadata: { [attributes.resumedFrom]: paused.traceId } })
  addToolCalls(run.turn, paused.calls)
}

function keyOf(event: GraphEventLike): string {
  return runKey(readText(event, 'runId') ?? '')
}
