import { readText, type Recorder, type Run } from '@trulayer/core/internal'

import { takeConfigurable } from './ambient.ts'
import { hiddenConfigOf } from './hidden-config.ts'
import { SESSION_KEYS } from './map-session.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import type { RunMetadata, RunStarted } from './types.ts'

/* Entries that LangChain and LangGraph add, and keys that the trace uses itself. */
const FRAMEWORK_KEY =
  /^(?:ls_|lc_|langgraph_|langsmith|__|trulayer\.|gen_ai\.|checkpoint_|(?:task_id|run_id|assistant_id|graph_id|versions|timeoutMs|model)$)/

const SESSION_KEY: ReadonlySet<string> = new Set(Object.values(SESSION_KEYS).flat())

/* The first version of `@langchain/core` that does not copy `configurable` into the metadata. */
const FIRST_SEPARATE = [1, 1, 40]

/**
 * Keeps the metadata that the user gave to the outermost run. Before `@langchain/core` 1.1.40 and LangGraph 1.2.9 it also
 * contains all of `configurable`, secrets included, so it waits in the notes of the run until it is known what of it the
 * user gave as metadata. What is never known is not recorded.
 */
export function offerMetadata(recorder: Recorder, run: Run, event: RunStarted): void {
  const notes = notesOf(run)
  const entries = Object.entries(event.metadata ?? {}).filter(
    ([key]) => !FRAMEWORK_KEY.test(key) && !SESSION_KEY.has(key),
  )
  if (notes === undefined || entries.length === 0) {
    return
  }
  notes.userMetadata = Object.fromEntries(entries)
  if (hiddenConfigOf(event.metadata) !== undefined) {
    recordMetadata(recorder, run, [])
  } else {
    settleMetadata(recorder, run, event)
  }
}

/** Records the metadata that waits in a run around a call, where the call shows what of it is from `configurable`. */
export function settleMetadata(recorder: Recorder, call: Run, event: RunStarted): void {
  const configurable = takeConfigurable(event.runId)
  const holder = holderAround(call)
  if (holder === undefined) {
    return
  }
  const owner = configurable && recorder.find(runKey(configurable.runId))
  const isNodeOfHolder = owner?.parent === holder && notesOf(owner)?.isGraphNode === true
  if (configurable !== undefined && (owner === holder || isNodeOfHolder)) {
    recordMetadata(recorder, holder, configurable.keys)
  } else if (notesOf(holder)?.kind !== 'graph' && isSeparate(event.metadata)) {
    recordMetadata(recorder, holder, [])
  }
}

function recordMetadata(recorder: Recorder, run: Run, without: readonly string[]): void {
  const notes = notesOf(run)
  if (notes?.userMetadata !== undefined) {
    const entries = Object.entries(notes.userMetadata).filter(([key]) => !without.includes(key))
    notes.userMetadata = undefined
    recorder.update(run, { metadata: Object.fromEntries(entries) })
  }
}

function holderAround(run: Run): Run | undefined {
  for (let above: Run | undefined = run; above !== undefined; above = above.parent) {
    if (notesOf(above)?.userMetadata !== undefined) {
      return above
    }
  }
  return undefined
}

/* Models say which version of `@langchain/core` they are made of. */
function isSeparate(metadata: RunMetadata | undefined): boolean {
  const parts = readText(metadata, 'versions', '@langchain/core')?.split('.').map(Number) ?? []
  const difference = FIRST_SEPARATE.map((first, index) => (parts[index] ?? Number.NaN) - first)
  return (difference.find((one) => one !== 0) ?? 0) >= 0
}
