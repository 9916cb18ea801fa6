import { attributes, guard, type Snapshot, type Recorder } from '@trulayer/core/internal'

import { failRun } from './end-run.ts'
import { mapToolInput, mapToolOutput, type ToolOutcome } from './map-tool.ts'
import { noteOutput } from './own-output.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { placeOf, startRun } from './start-run.ts'
import { claimToolCall } from './tool-calls.ts'
import type { ToolStarted } from './types.ts'

/** Starts a tool. Its arguments are copied at once, and the rest is recorded a little later. */
export function startTool(recorder: Recorder, event: ToolStarted): void {
  const input = guard('the arguments of a tool', () => recorder.keep(mapToolInput(event.input)))
  recorder.later('the start of a tool', () => recordStart(recorder, event, input), true)
}

function recordStart(recorder: Recorder, event: ToolStarted, input: Snapshot | undefined): void {
  const run = startRun(recorder, event, placeOf(recorder, event), {
    kind: 'call',
    name: event.runName ?? 'tool',
    type: 'tool',
  })
  if (run === undefined) {
    return
  }
  // Tools that are classes do not say their name here; the class is not what the model calls.
  const call = guard('the call of a tool', () =>
    claimToolCall(run, { id: event.toolCallId, name: event.runName, input: event.input }),
  )
  const name = event.runName ?? call?.name
  const notes = notesOf(run)
  if (notes !== undefined) {
    notes.isUnnamed = name === undefined
  }
  recorder.update(run, {
    name,
    keptInput: input,
    metadata: {
      [attributes.operationName]: 'execute_tool',
      [attributes.toolCallId]: event.toolCallId ?? call?.id,
      [attributes.attempt]: call !== undefined && call.attempt > 1 ? call.attempt : undefined,
    },
  })
}

/** Notes that a tool which is a generator gave something: work that goes on as long as it does. */
export function noteToolEvent(recorder: Recorder, runId: string): void {
  const run = recorder.find(runKey(runId))
  if (run?.isHeld === false) {
    recorder.update(run, { held: true })
  }
  recorder.touch(run)
}

/** Ends a tool, which may report a failure in what it returns. That is copied at once. */
export function endTool(recorder: Recorder, runId: string, value: unknown): void {
  const outcome = guard('the output of a tool', () => mapToolOutput(value))
  const output = outcome === undefined ? undefined : recorder.keep(outcome.output)
  recorder.later('the end of a tool', () => recordEnd(recorder, runId, value, { outcome, output }))
}

function recordEnd(
  recorder: Recorder,
  runId: string,
  value: unknown,
  {
    outcome,
    output,
  }: {
    readonly outcome: ToolOutcome | undefined
    readonly output: Snapshot | undefined
  },
): void {
  const run = recorder.find(runKey(runId))
  if (run === undefined) {
    return
  }
  guard('the output of a tool', () => noteOutput(run, value))
  recorder.end(run, {
    name: notesOf(run)?.isUnnamed === true ? outcome?.name : undefined,
    keptOutput: output,
    metadata: {
      [attributes.toolCallId]: outcome?.callId,
      [attributes.artifact]: outcome?.hasArtifact === true ? true : undefined,
    },
    ...(outcome?.failure === undefined ? {} : { status: 'error', error: outcome.failure }),
  })
}

/** Ends a tool that failed. */
export function failTool(recorder: Recorder, runId: string, error: unknown): void {
  failRun(recorder, recorder.find(runKey(runId)), error)
}
