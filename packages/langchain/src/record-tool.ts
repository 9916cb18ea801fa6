import { attributes, guard, type Recorder } from '@trulayer/core/internal'

import { failRun } from './end-run.ts'
import { mapToolInput, mapToolOutput } from './map-tool.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { placeOf, startRun } from './start-run.ts'
import { toolCallName } from './tool-calls.ts'
import type { ToolStarted } from './types.ts'

/** Starts a tool. */
export function startTool(recorder: Recorder, event: ToolStarted): void {
  const run = startRun(recorder, event, placeOf(recorder, event), {
    kind: 'call',
    name: event.runName ?? 'tool',
    type: 'tool',
  })
  if (run === undefined) {
    return
  }
  // Tools that are classes do not say their name here; the class is not what the model calls.
  const name = event.runName ?? toolCallName(run, event.toolCallId)
  const notes = notesOf(run)
  if (notes !== undefined) {
    notes.isUnnamed = name === undefined
  }
  recorder.update(run, {
    name,
    input: guard('the arguments of a tool', () => mapToolInput(event.input)),
    metadata: {
      [attributes.operationName]: 'execute_tool',
      [attributes.toolCallId]: event.toolCallId,
    },
  })
}

/** Ends a tool, which may report a failure in what it returns. */
export function endTool(recorder: Recorder, runId: string, value: unknown): void {
  const run = recorder.find(runKey(runId))
  if (run === undefined) {
    return
  }
  const outcome = guard('the output of a tool', () => mapToolOutput(value))
  recorder.end(run, {
    name: notesOf(run)?.isUnnamed === true ? outcome?.name : undefined,
    output: outcome?.output,
    metadata: { [attributes.toolCallId]: outcome?.callId },
    ...(outcome?.failure === undefined ? {} : { status: 'error', error: outcome.failure }),
  })
}

/** Ends a tool that failed. */
export function failTool(recorder: Recorder, runId: string, error: unknown): void {
  failRun(recorder, recorder.find(runKey(runId)), error)
}
