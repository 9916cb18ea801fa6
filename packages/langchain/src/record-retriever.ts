import { attributes, guard, type Recorder, type Snapshot } from '@trulayer/core/internal'

import { failRun } from './end-run.ts'
import { mapDocuments } from './map-documents.ts'
import { mapRetrieverName } from './map-name.ts'
import { noteOutput } from './own-output.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { placeOf, startRun } from './start-run.ts'
import type { RetrieverStarted } from './types.ts'

/** Starts a retriever. */
export function startRetriever(recorder: Recorder, event: RetrieverStarted): void {
  const query = recorder.keep(event.query)
  recorder.later('the start of a retriever', () => recordStart(recorder, event, query), true)
}

function recordStart(
  recorder: Recorder,
  event: RetrieverStarted,
  query: Snapshot | undefined,
): void {
  const place = placeOf(recorder, event)
  const run = startRun(recorder, event, place, {
    kind: 'call',
    name: mapRetrieverName(event, notesOf(place.parent)?.tags),
    type: 'retrieval',
  })
  if (run === undefined) {
    return
  }
  recorder.update(run, {
    keptInput: query,
    metadata: { [attributes.operationName]: 'retrieval' },
  })
}

/** Ends a retriever. What it found is copied at once. */
export function endRetriever(recorder: Recorder, runId: string, documents: unknown): void {
  const output = guard('the documents of a retriever', () => recorder.keep(mapDocuments(documents)))
  recorder.later('the end of a retriever', () => {
    const run = recorder.find(runKey(runId))
    if (run !== undefined) {
      guard('the documents of a retriever', () => noteOutput(run, documents))
    }
    recorder.end(run, { keptOutput: output })
  })
}

/** Ends a retriever that failed. */
export function failRetriever(recorder: Recorder, runId: string, error: unknown): void {
  failRun(recorder, recorder.find(runKey(runId)), error)
}
