import { read, readText, type Recorder } from '@trulayer/core/internal'

import { isModel } from './guards.ts'
import { modelCallOf, startModelCall } from './model-call.ts'
import { runKey, runOfDetail } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import type { ToldEvent } from './types.ts'

/** Starts a call of a model, unless it is one that is wrapped and so has started. */
export function startModel(recorder: Recorder, { detail, caller }: ToldEvent): void {
  const id = readText(detail, 'id')
  const notes = notesOf(recorder.active())
  if (id === undefined) {
    return
  }
  if (notes?.kind === 'model' && notes.endsAlways && !notes.isClaimed) {
    notes.isClaimed = true
    return
  }
  const messages = read(detail, 'messages')
  const called = caller?.caller
  const model = isModel(called) ? called : undefined
  startModelCall(
    recorder,
    { key: runKey(id), model, operation: 'chat', messages, isWrapped: false },
    caller,
  )
}

/** Notes a part of a model's stream. */
export function noteModelPart(recorder: Recorder, { detail }: ToldEvent): void {
  modelCallOf(runOfDetail(recorder, detail))?.part(read(detail, 'chunk'))
}

/** Ends a call of a model. */
export function endModel(recorder: Recorder, { detail }: ToldEvent): void {
  modelCallOf(runOfDetail(recorder, detail))?.answer(read(detail, 'response'))
}
