import { isText, type Run } from '@trulayer/core/internal'

import { notesOf, type RunNotes } from './run-notes.ts'
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

/** Notes that a model failed, for the attempt that may follow in the same node. */
export function noteFailedModel(run: Run): void {
  const node = prebuiltNodeOf(run)
  if (node !== undefined) {
    node.failedModel = { model: run.model, attempt: failedBefore(node, run.model) + 1 }
  }
}

/**
 * Which attempt a call of a model is that middleware makes once more, in the node that calls the model of an agent;
 * `undefined` for the first, and for another model in its place.
 */
export function modelAttempt(run: Run): number | undefined {
  const node = prebuiltNodeOf(run)
  const failed = node === undefined ? 0 : failedBefore(node, run.model)
  return failed === 0 ? undefined : failed + 1
}

function failedBefore(node: RunNotes, model: string | undefined): number {
  return node.failedModel?.model === model ? (node.failedModel?.attempt ?? 0) : 0
}

/* A node of the host's own may well call a model again for another reason. */
function prebuiltNodeOf(run: Run): RunNotes | undefined {
  const notes = notesOf(run.parent)
  return notes?.isGraphNode === true && notes.kind === 'plumbing' ? notes : undefined
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
