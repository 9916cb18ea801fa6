import { attributes, read, type Recorder, type Run, type RunStart } from '@trulayer/core/internal'

import { noteCaller, outermostCaller, runOfCaller } from './callers.ts'
import { isFunction } from './guards.ts'
import { runKey } from './run-key.ts'
import { noteRun, notesOf, type RunKind } from './run-notes.ts'
import type { EventCaller } from './types.ts'

/** What starts, and what it is. */
export interface Started extends RunStart {
  readonly kind: RunKind
  /** True for a run whose end is told even when it fails. */
  readonly endsAlways?: boolean | undefined
  readonly callId?: string | undefined
}

/** Starts a run of LlamaIndex in its place: below the call that made it, else below whatever is active. */
export function startRun(
  recorder: Recorder,
  start: Started,
  caller: EventCaller | undefined,
): Run | undefined {
  const run = recorder.start({ ...start, ...placeOf(recorder, caller) })
  if (run === undefined) {
    return undefined
  }
  noteRun(run, start.kind, { endsAlways: start.endsAlways === true, callId: start.callId })
  const above = notesOf(run.parent)
  if (above === undefined) {
    recorder.update(run, { metadata: { [attributes.framework]: 'llamaindex' } })
  } else {
    // Whoever goes on has got over what failed.
    above.failure = undefined
    above.answer = undefined
  }
  return run
}

function placeOf(
  recorder: Recorder,
  caller: EventCaller | undefined,
): Pick<RunStart, 'parentKey' | 'isParentAmbient'> {
  const known = openAround(runOfCaller(caller))
  const above = known ?? (recorder.active() === undefined ? inferRoot(recorder, caller) : undefined)
  // What the host put between a call and its part is nearer than the call.
  return above?.key === undefined ? {} : { parentKey: above.key, isParentAmbient: true }
}

/* What has ended contains nothing new; one whose trace has left makes what comes now late. */
function openAround(run: Run | undefined): Run | undefined {
  return run?.turn.hasLeft === true ? run : run?.nearestOpen()
}

/* Chat engines and agents of old tell nothing of themselves, but everything inside names them. */
function inferRoot(recorder: Recorder, caller: EventCaller | undefined): Run | undefined {
  const outermost = outermostCaller(caller)
  if (outermost === undefined) {
    return undefined
  }
  const run = recorder.start({
    key: runKey(outermost.id),
    name: nameOfCaller(outermost.caller),
    type: 'other',
    metadata: { [attributes.framework]: 'llamaindex' },
  })
  if (run !== undefined) {
    noteRun(run, 'inferred', { endsAlways: false })
    noteCaller(outermost, run)
  }
  return run
}

/** What a call is called that has no name, by what the object can do that was called. */
export function nameOfCaller(called: unknown): string {
  if (isFunction(read(called, 'createTask'))) {
    return 'agent'
  }
  return isFunction(read(called, 'chat')) ? 'chat' : 'query'
}
