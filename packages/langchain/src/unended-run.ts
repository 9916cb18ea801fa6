import { type FailedEnd, guard, type Recorder, type Run, startTimer } from '@trulayer/core/internal'

import { notesOf } from './run-notes.ts'

/* Milliseconds in which LangChain starts the next fallback. */
const NEXT_FALLBACK = 100
/* Milliseconds in which a graph ends, or tries a node again. */
const NEXT_NODE = 5000

/**
 * Ends the run around one that was stopped, where LangChain does not: `withFallbacks` throws once its signal has fired
 * without reporting it, and LangGraph sometimes reports no end of a graph whose reader has left. Both only if nothing
 * inside goes on.
 */
export function endAbandoned(recorder: Recorder, run: Run, stop: FailedEnd): void {
  const above = run.parent
  const pause = above === undefined ? undefined : pauseOf(run, above)
  if (above === undefined || pause === undefined) {
    return
  }
  const stoppedAt = recorder.now()
  const goesOn = (part: Run): boolean =>
    part.isInside(above) && part !== above && (part.isOpen || part.startedAt > stoppedAt)
  const endNow = (): void => {
    recorder.settle()
    if (above.isOpen && !above.turn.runs.some(goesOn)) {
      recorder.end(above, { ...stop, endedAt: stoppedAt })
      endAbandoned(recorder, above, stop)
    }
  }
  startTimer(() => guard('the end of a stopped run', endNow), pause)
}

function pauseOf(run: Run, above: Run): number | undefined {
  const notes = notesOf(above)
  if (notes?.isFallbacks === true) {
    return NEXT_FALLBACK
  }
  return notes?.kind === 'graph' && notesOf(run)?.isGraphNode === true ? NEXT_NODE : undefined
}
