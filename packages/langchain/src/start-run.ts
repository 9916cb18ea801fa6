import { attributes, type Recorder, type Run, type RunStart } from '@trulayer/core/internal'

import { takeParent } from './ambient.ts'
import { noteShownChild } from './fold-node.ts'
import { userTags } from './map-name.ts'
import { mapSession } from './map-session.ts'
import { runKey } from './run-key.ts'
import { notesOf, noteRun, type RunKind } from './run-notes.ts'
import type { RunStarted } from './types.ts'

/** Where a run starts: below a run of LangChain, or below whatever is active. */
export interface RunPlace {
  readonly parentKey: string | undefined
  readonly parent: Run | undefined
}

/** What a run is, besides what every start tells. */
export interface RunBeginning extends Pick<RunStart, 'name' | 'type' | 'folded' | 'model'> {
  readonly kind: RunKind
}

/** Finds where a run starts. To be called once for each start. */
export function placeOf(recorder: Recorder, event: RunStarted): RunPlace {
  const parentId = event.parentRunId ?? takeParent(event.runId)
  if (parentId === undefined) {
    return { parentKey: undefined, parent: undefined }
  }
  const parentKey = runKey(parentId)
  return { parentKey, parent: recorder.find(parentKey) }
}

/**
 * Starts a run of LangChain.
 *
 * @returns the run; `undefined` when it is known already, since the same event often arrives twice, or not recorded
 */
export function startRun(
  recorder: Recorder,
  event: RunStarted,
  place: RunPlace,
  beginning: RunBeginning,
): Run | undefined {
  const { kind, ...fields } = beginning
  const isOutermost = place.parent === undefined
  const run = recorder.start({
    ...fields,
    ...(isOutermost || isOutermostGraph(kind, place.parent)
      ? mapSession(event.metadata)
      : undefined),
    ...(isOutermost
      ? { tags: userTags(event.tags), metadata: { [attributes.framework]: 'langchain' } }
      : undefined),
    key: runKey(event.runId),
    parentKey: place.parentKey,
    isParentAmbient: true,
    traceId: event.runId,
  })
  if (run === undefined || notesOf(run) !== undefined) {
    return undefined
  }
  noteRun(run, { kind, runName: event.runName, tags: event.tags ?? [] })
  if (kind !== 'plumbing') {
    noteShownChild(recorder, run)
  }
  return run
}

/* A chain around a graph does not know the graph's thread; a graph inside another may have one of its own. */
function isOutermostGraph(kind: RunKind, parent: Run | undefined): boolean {
  if (kind !== 'graph') {
    return false
  }
  for (let above = parent; above !== undefined; above = above.parent) {
    const aboveKind = notesOf(above)?.kind
    if (aboveKind === 'graph' || aboveKind === 'call') {
      return false
    }
  }
  return true
}
