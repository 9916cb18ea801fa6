import type { Recorder, Run } from '@trulayer/core/internal'

import { notesOf } from './run-notes.ts'

/**
 * Counts a run that becomes a span for the node that contains it. A node that is nothing but a graph is folded, since the
 * graph has its name or a better one; with a second child it is a step of its own again.
 */
export function noteShownChild(recorder: Recorder, run: Run): void {
  let above = run.parent
  while (notesOf(above)?.kind === 'plumbing') {
    above = above?.parent
  }
  const notes = notesOf(above)
  if (above === undefined || notes?.kind !== 'node') {
    return
  }
  notes.shownChildren += 1
  const folded = notes.shownChildren === 1 && notesOf(run)?.kind === 'graph'
  if (folded !== above.isFolded) {
    recorder.update(above, { folded })
  }
}
