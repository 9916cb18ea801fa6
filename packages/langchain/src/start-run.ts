import { attributes, guard, type Recorder, type Run, type RunStart } from '@trulayer/core/internal'

import { takeParent } from './ambient.ts'
import { attemptAt, attemptOf } from './attempts.ts'
import { noteShownChild } from './fold-node.ts'
import { isGraphNode } from './fold-run.ts'
import { hiddenConfigOf } from './hidden-config.ts'
import { tellOfOtherCopy } from './listener.ts'
import { userTags } from './map-name.ts'
import { mapSession } from './map-session.ts'
import type { PausedThread } from './paused-threads.ts'
import { runKey } from './run-key.ts'
import { notesOf, noteRun, type RunKind } from './run-notes.ts'
import type { StreamNotes } from './stream-notes.ts'
import type { RunStarted } from './types.ts'
import { offerMetadata, settleMetadata } from './user-metadata.ts'

/** Where a run starts: below a run of LangChain, or below whatever is active. */
export interface RunPlace {
  readonly parentKey: string | undefined
  readonly parent: Run | undefined
}

/** What a run is, besides what every start tells. */
export interface RunBeginning extends Pick<
  RunStart,
  'name' | 'traceName' | 'type' | 'folded' | 'model' | 'claims' | 'onClose'
> {
  readonly kind: RunKind
  readonly isSequence?: boolean | undefined
  readonly isFallbacks?: boolean | undefined
  /** The thread that goes on with it, where one was paused. */
  readonly resumed?: PausedThread | undefined
  readonly stream?: StreamNotes | undefined
  /** What a model can be stopped with. */
  readonly signal?: unknown
}

/** Finds where a run starts. To be called once for each start. */
export function placeOf(recorder: Recorder, event: RunStarted): RunPlace {
  const parentId = event.parentRunId ?? takeParent(event.runId)
  const parentKey = parentId === undefined ? undefined : runKey(parentId)
  const parent = parentKey === undefined ? undefined : recorder.find(parentKey)
  // What goes on in the context of a turn that has left, such as a timer of the host, is a turn of its own.
  return event.parentRunId === undefined && parent === undefined
    ? { parentKey: undefined, parent: undefined }
    : { parentKey, parent }
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
  const { kind, resumed, stream, signal, isSequence = false, isFallbacks = false } = beginning
  const isOutermost = place.parent === undefined
  const session =
    isOutermost || isOutermostGraph(kind, place.parent)
      ? mapSession(event.metadata, hiddenConfigOf(event.metadata))
      : undefined
  const run = recorder.start({
    name: beginning.name,
    traceName: beginning.traceName,
    type: beginning.type,
    folded: beginning.folded,
    model: beginning.model,
    claims: beginning.claims,
    onClose: beginning.onClose,
    sessionId: session?.sessionId,
    userId: session?.userId,
    // A turn that goes on belongs to the session in which it was interrupted.
    conversationId: resumed?.sessionId ?? session?.conversationId,
    tags: isOutermost ? userTags(event.tags) : undefined,
    // Most runs are inside of others, and have nothing to tell here.
    metadata:
      isOutermost || resumed !== undefined
        ? {
            [attributes.framework]: isOutermost ? 'langchain' : undefined,
            [attributes.resumedFrom]: resumed?.traceId,
          }
        : undefined,
    key: runKey(event.runId),
    parentKey: place.parentKey,
    isParentAmbient: true,
    traceId: event.runId,
  })
  if (run === undefined) {
    return undefined
  }
  const known = notesOf(run)
  if (known !== undefined) {
    tellOfOtherCopy(event.heardBy, known.heardBy)
    return undefined
  }
  noteRun(run, {
    kind,
    runName: event.runName,
    tags: event.tags ?? [],
    heardBy: event.heardBy,
    isGraphNode: isGraphNode(event),
    isSequence,
    isFallbacks,
    thread: kind === 'graph' ? session?.conversationId : undefined,
    attempt: attemptOf(event, place.parent),
    stream,
    signal,
  })
  const attempt = attemptAt(run)
  if (attempt !== undefined) {
    recorder.update(run, { metadata: { [attributes.attempt]: attempt } })
  }
  if (kind !== 'plumbing') {
    noteShownChild(recorder, run)
  }
  if (isOutermost) {
    guard('the metadata of a call', () => offerMetadata(recorder, run, event))
  } else if (kind === 'call') {
    guard('the metadata of a call', () => settleMetadata(recorder, run, event))
  }
  return run
}

/**
 * True for a graph that no other graph contains and no tool calls: the one whose thread the turn belongs to. A chain around
 * it does not know the thread, and a graph inside may have one of its own.
 */
export function isOutermostGraph(kind: RunKind, parent: Run | undefined): boolean {
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
