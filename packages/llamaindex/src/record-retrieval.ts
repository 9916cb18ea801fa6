import { attributes, guard, read, readList, readText, type Recorder } from '@trulayer/core/internal'

import { besideRunsOf, noteBegun, noteCaller } from './callers.ts'
import { endRun } from './end-run.ts'
import { mapQuery } from './map-answer.ts'
import { mapNodes, mapStoreName, mapTopK } from './map-nodes.ts'
import { runKey, runOfDetail } from './run-key.ts'
import { startRun } from './start-run.ts'
import type { ToldEvent } from './types.ts'

/** Starts a retrieval. */
export function startRetrieval(recorder: Recorder, { detail, caller }: ToldEvent): void {
  const id = readText(detail, 'id')
  if (id === undefined) {
    return
  }
  // Two retrievers of one engine work side by side.
  const run = besideRunsOf('retrieval', () =>
    startRun(
      recorder,
      {
        key: runKey(id),
        kind: 'retrieval',
        name: guard('the name of a store', () => mapStoreName(caller?.caller)) ?? 'retrieve',
        type: 'retrieval',
        input: guard('the text of a query', () => mapQuery(read(detail, 'query'))),
        metadata: {
          [attributes.operationName]: 'retrieval',
          [attributes.requestTopK]: guard('the size of a retrieval', () => mapTopK(caller?.caller)),
        },
      },
      caller,
    ),
  )
  if (run !== undefined) {
    if (caller === undefined) {
      noteBegun(run)
    } else {
      noteCaller(caller, run)
    }
  }
}

/** Ends a retrieval. */
export function endRetrieval(recorder: Recorder, { detail }: ToldEvent): void {
  const run = runOfDetail(recorder, detail)
  const nodes = guard('the nodes of a retrieval', () => mapNodes(read(detail, 'nodes')))
  endRun(recorder, run, {
    output: nodes,
    metadata:
      run?.metadata?.[attributes.requestTopK] === undefined
        ? { [attributes.requestTopK]: readList(detail, 'nodes').length }
        : undefined,
  })
}
