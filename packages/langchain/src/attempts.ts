import type { Run } from '@trulayer/core/internal'

import { isText } from './is-object.ts'
import { notesOf } from './run-notes.ts'
import { isGraphNode } from './fold-run.ts'
import type { RunStarted } from './types.ts'

const ATTEMPT_TAG = /^retry:attempt:(\d+)$/
const TASK = 'langgraph_checkpoint_ns'

/**
 * Which attempt a run is, where it is not the first: `withRetry` says so in a tag of the run right below it, and a node with
 * a retry policy begins again as the same task of its graph.
 */
export function attemptOf(event: RunStarted, parent: Run | undefined): number | undefined {
  for (const tag of event.tags ?? []) {
    const attempt = ATTEMPT_TAG.exec(tag)?.[1]
    if (attempt !== undefined && notesOf(parent)?.tags.includes(tag) !== true) {
      return Number(attempt)
    }
  }
  return isGraphNode(event) ? startsOf(event, parent) : undefined
}

/** The attempt that a run belongs to: its own, or that of the plumbing around it. */
export function attemptAt(run: Run): number | undefined {
  let notes = notesOf(run)
  let above = run.parent
  while (notes !== undefined && notes.attempt === undefined) {
    notes = notesOf(above)
    if (notes?.kind !== 'plumbing') {
      return undefined
    }
    above = above?.parent
  }
  return notes?.attempt
}

function startsOf(event: RunStarted, graph: Run | undefined): number | undefined {
  const notes = notesOf(graph)
  const task = event.metadata?.[TASK]
  if (notes === undefined || !isText(task)) {
    return undefined
  }
  const starts = (notes.taskStarts ??= new Map())
  const count = (starts.get(task) ?? 0) + 1
  starts.set(task, count)
  return count > 1 ? count : undefined
}
