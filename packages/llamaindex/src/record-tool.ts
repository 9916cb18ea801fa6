import {
  attributes,
  readList,
  read,
  readText,
  type Recorder,
  type Run,
} from '@trulayer/core/internal'

import { besideRunsOf, noteCaller, toolScope } from './callers.ts'
import { endRun } from './end-run.ts'
import { mapToolError, TOOL_FAILED } from './map-error.ts'
import { toolResultOf } from './map-messages.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { startRun } from './start-run.ts'
import type { EventCaller, ToldEvent } from './types.ts'

/* A tool that LlamaIndex adds for answers of a given shape. */
const PLUMBING: ReadonlySet<string> = new Set(['format_output'])

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
  notesOf(run.parent)?.openTools.push(run)
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
  const run = openToolOf(recorder, readText(detail, 'toolCall', 'id'))
  endRun(recorder, run, { output: read(detail, 'toolResult', 'output') })
}

/** Ends the tools beside a call whose answers stand in the messages that it is given. */
export function endToolsToldOf(
  recorder: Recorder,
  active: Run | undefined,
  messages: unknown,
): void {
  const above = notesOf(active)?.kind === 'tool' ? active?.parent : active
  const open = notesOf(above)?.openTools ?? []
  for (const message of readList({ messages }, 'messages')) {
    const told = toolResultOf(message)
    const run = told === undefined ? undefined : open.find((tool) => isCall(tool, told.id))
    if (told !== undefined && run?.isOpen === true) {
      endToolWith(recorder, run, told)
    }
  }
}

function endToolWith(
  recorder: Recorder,
  run: Run,
  told: { readonly result: unknown; readonly isError: boolean },
): void {
  if (told.isError) {
    // A failure that the model is told of is not the turn's.
    recorder.fail(run, mapToolError(told.result))
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
  return startRun(
    recorder,
    {
      key: runKey(`tool:${above?.id ?? ''}:${call.callId ?? ''}`),
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
  return callId !== undefined && notesOf(run)?.callId === callId
}

/* At this moment the tool itself is what is active. */
function openToolOf(recorder: Recorder, callId: string | undefined): Run | undefined {
  const active = recorder.active()
  if (active !== undefined && isCall(active, callId)) {
    return active
  }
  return [active, active?.parent]
    .flatMap((run) => notesOf(run)?.openTools ?? [])
    .find((run) => run.isOpen && isCall(run, callId))
}
