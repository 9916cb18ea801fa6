import {
  attributes,
  type FailedEnd,
  hasFired,
  read,
  reasons,
  type Recorder,
  type Run,
  stopEnd,
} from '@trulayer/core/internal'

import { isBubbleUp, mapError } from './map-error.ts'
import { notesOf } from './run-notes.ts'

/* Milliseconds between the ends of runs that one stop has ended. */
const AT_ONCE = 100

/**
 * How a run ends that was stopped; `undefined` where it failed. LangChain reports both as an error, which is any value
 * that a signal carries, and LangGraph a plain `Abort` for a time limit as well. Only models are given their signal in
 * sight of a handler: it decides for what is around them.
 */
export function findStop(recorder: Recorder, run: Run, error: unknown): FailedEnd | undefined {
  if (!run.isOpen || isBubbleUp(error)) {
    return undefined
  }
  const stop = stopAbove(run) ?? stopOfError(recorder, run, error)
  const notes = notesOf(run)
  if (notes !== undefined) {
    notes.stop = stop
  }
  if (stop !== undefined) {
    reviseBelow(recorder, run, stop)
  }
  return stop
}

function stopAbove(run: Run): FailedEnd | undefined {
  for (let above: Run | undefined = run; above !== undefined; above = above.parent) {
    const notes = notesOf(above)
    if (hasFired(notes?.signal)) {
      return stopEnd(notes.signal)
    }
    if (notes?.stop !== undefined) {
      return notes.stop
    }
  }
  return undefined
}

function stopOfError(recorder: Recorder, run: Run, error: unknown): FailedEnd | undefined {
  const { status, reason, error: limit } = mapError(error)
  if (status === 'error' && reason === reasons.timeout) {
    return { status, reason, error: limit }
  }
  const isAbort = status === 'cancelled' && reason === reasons.aborted
  for (const part of run.turn.runs.toReversed()) {
    const notes = notesOf(part)
    if (part !== run && notes !== undefined && endsNow(recorder, part) && part.isInside(run)) {
      const stop = notes.stop ?? (hasFired(notes.signal) ? stopEnd(notes.signal) : undefined)
      if (
        stop !== undefined &&
        (isAbort ? stop.status === 'error' : carries(notes.signal, error))
      ) {
        return stop
      }
    }
  }
  return isAbort ? { status, reason } : undefined
}

/* LangChain throws the reason of a signal, in an error of its own where that is a text. */
function carries(signal: unknown, error: unknown): boolean {
  const reason = read(signal, 'reason')
  return reason === error || (typeof reason === 'string' && read(error, 'message') === reason)
}

/*
 * A node may report the reason of a signal before the graph reports that it was stopped, and a model that a time limit of
 * its node has stopped before the node does.
 */
function reviseBelow(recorder: Recorder, run: Run, stop: FailedEnd): void {
  const stopped = new Set([run])
  const replaced = stop.status === 'error' ? 'cancelled' : 'error'
  for (const part of run.turn.runs) {
    if (
      part.parent !== undefined &&
      stopped.has(part.parent) &&
      (part.status === 'error' || part.status === 'cancelled') &&
      endsNow(recorder, part)
    ) {
      stopped.add(part)
      if (part.status === replaced && part.metadata?.[attributes.reason] !== reasons.timeout) {
        recorder.revise(part, stop)
      }
    }
  }
}

function endsNow(recorder: Recorder, run: Run): boolean {
  return run.endedAt === undefined || recorder.now() - run.endedAt < AT_ONCE
}
