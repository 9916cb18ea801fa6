import {
  attributes,
  readList,
  read,
  readText,
  type Recorder,
  reportedEnd,
  reportedFailure,
  type Run,
  shared,
} from '@trulayer/core/internal'

import { besideRunsOf, noteCaller, toolScope } from './callers.ts'
import { endRun } from './end-run.ts'
import { mapToolError, TOOL_FAILED } from './map-error.ts'
import { loneToolOf, rememberLoneTool } from './lone-tools.ts'
import { type ToolCall, toolCallsOf, type ToolResult, toolResultOf } from './map-messages.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { startRun } from './start-run.ts'
import type { EventCaller, ToldEvent } from './types.ts'

/* A tool that LlamaIndex adds for answers of a given shape. */
const PLUMBING: ReadonlySet<string> = new Set(['format_output'])

/* Tools that have started in this process, for their keys. */
const started = shared('llamaindex:tools-started', () => ({ count: 0 }))

/** Starts a tool that a model or an agent calls, unless its call is wrapped and so has started. */
export function startTool(recorder: Recorder, { detail, caller }: ToldEvent): void {
  const callId = readText(detail, 'toolCall', 'id')
  const active = recorder.active()
  const notes = notesOf(active)
  if (notes?.kind === 'tool' && notes.endsAlways && !notes.isClaimed) {
    notes.isClaimed = true
    return
  }
  const run = besideRunsOf('tool', () => startToolRun(recorder, { detail, caller, callId }))
  if (run === undefined) {
    return
  }
  const above = notesOf(run.parent)
  if (above === undefined) {
    rememberLoneTool(recorder, run, read(detail, 'toolCall'))
  } else {
    above.openTools.push(run)
  }
  const scope = toolScope.current()
  if (scope !== undefined) {
    scope.tool = run
  }
  if (caller !== undefined) {
    noteCaller(caller, run)
  }
}

/** Ends a tool. One that throws is told to have ended only by what the model is given next. */
export function endTool(recorder: Recorder, { detail }: ToldEvent): void {
  const toolCall = read(detail, 'toolCall')
  const run = openToolOf(recorder, toolCall) ?? loneToolOf(recorder, toolCall)
  const output = read(detail, 'toolResult', 'output')
  const failure = reportedFailure(output)
  if (run === undefined || failure === undefined) {
    endRun(recorder, run, { output })
  } else {
    recorder.end(run, { output, ...reportedEnd(mapToolError(failure)) })
  }
}

/** Ends the tools beside a call whose answers stand in the messages that it is given. */
export function endToolsToldOf(
  recorder: Recorder,
  active: Run | undefined,
  messages: unknown,
): void {
  const above = notesOf(notesOf(active)?.kind === 'tool' ? active?.parent : active)
  const open = above?.openTools ?? []
  if (above !== undefined && open.length === 0) {
    return
  }
  // Earlier steps and turns may have used the same ids.
  const all = readList({ messages }, 'messages')
  const latest = all.findLastIndex((message) => readText(message, 'role') === 'assistant')
  const results = all.slice(latest + 1).flatMap((message) => toolResultOf(message) ?? [])
  if (above === undefined) {
    endLoneTools(recorder, toolCallsOf(all[latest]), results)
    return
  }
  for (const [index, result] of results.entries()) {
    // Results are in the order of their calls, so that of several tools with one id each has its own.
    const later = results.slice(index + 1).filter(({ id }) => id === result.id).length
    const run = open.filter((tool) => isCall(tool, result.id)).at(-1 - later)
    if (run?.isOpen === true) {
      endToolWith(recorder, run, result)
    }
  }
}

/* Only the messages of an agent that is not wrapped show which of its tools have thrown. */
function endLoneTools(
  recorder: Recorder,
  calls: readonly ToolCall[],
  results: readonly ToolResult[],
): void {
  for (const [index, result] of results.entries()) {
    const sameId = calls.filter(({ id }) => id === result.id)
    const call = sameId.find((one) => one === calls[index]) ?? sameId[0]
    const run = call === undefined ? undefined : loneToolOf(recorder, call)
    if (run !== undefined) {
      endToolWith(recorder, run, result)
    }
  }
}

function endToolWith(
  recorder: Recorder,
  run: Run,
  told: { readonly result: unknown; readonly isError: boolean },
): void {
  const failure = reportedFailure(told.result)
  if (told.isError || failure !== undefined) {
    // A failure that the model is told of is not the turn's.
    recorder.end(run, reportedEnd(mapToolError(failure ?? told.result)))
  } else {
    endRun(recorder, run, { output: told.result })
  }
}

/** Ends the tools below a run that is over, of which nothing has told that they ended: they threw. */
export function endLostTools(recorder: Recorder, above: Run): void {
  for (const run of notesOf(above)?.openTools ?? []) {
    if (run.isOpen) {
      recorder.fail(run, TOOL_FAILED)
    }
  }
}

function startToolRun(
  recorder: Recorder,
  call: {
    readonly detail: unknown
    readonly caller: EventCaller | undefined
    readonly callId: string | undefined
  },
): Run | undefined {
  const name = readText(call.detail, 'toolCall', 'name') ?? 'tool'
  const above = recorder.active()
  started.count += 1
  return startRun(
    recorder,
    {
      // Not by the id of the call alone: two calls of a step may have the same.
      key: runKey(`tool:${above?.id ?? ''}:${call.callId ?? ''}:${started.count}`),
      kind: 'tool',
      callId: call.callId,
      name,
      type: 'tool',
      folded: PLUMBING.has(name),
      input: read(call.detail, 'toolCall', 'input'),
      metadata: { [attributes.toolCallId]: call.callId },
    },
    call.caller,
  )
}

function isCall(run: Run, callId: string | undefined): boolean {
  const notes = notesOf(run)
  return notes?.kind === 'tool' && notes.callId === callId
}

/* Of several with one id the one that was given the same input; mostly that is the active one. */
function openToolOf(recorder: Recorder, toolCall: unknown): Run | undefined {
  const active = recorder.active()
  const beside = [active, active?.parent].flatMap((run) => notesOf(run)?.openTools ?? [])
  const open = [active, ...beside].filter(
    (run) => run?.isOpen === true && isCall(run, readText(toolCall, 'id')),
  )
  const input = JSON.stringify(read(toolCall, 'input'))
  return (
    open.find(
      (run) => run?.name === readText(toolCall, 'name') && JSON.stringify(run?.input) === input,
    ) ?? open[0]
  )
}
