import { guard, isList, isObject, isText, read, type Run } from '@trulayer/core/internal'

import { notesOf } from './run-notes.ts'
import type { InterruptLike } from './types.ts'

/** Notes that a run waits for a person. `interrupts` are what it waits for, as LangGraph tells them. */
export function noteWaiting(run: Run | undefined, interrupts: unknown): void {
  const notes = notesOf(run)
  if (notes === undefined) {
    return
  }
  const known = (notes.interrupts ??= new Map())
  for (const interrupt of isList(interrupts) ? interrupts.filter(isObject) : []) {
    const key = guard('the id of an interrupt', () => keyOf(interrupt))
    if (key !== undefined) {
      known.set(key, interrupt['value'])
    }
  }
}

/** Tells the run above that this one waits. */
export function passOnWaiting(run: Run): void {
  const own = notesOf(run)?.interrupts
  const above = notesOf(run.parent)
  if (own !== undefined && above !== undefined) {
    above.interrupts = new Map([...(above.interrupts ?? []), ...own])
  }
}

/** What a run waits for, as its output: the value of a single interrupt, or those of several as a list. */
export function mapInterrupts(run: Run): unknown {
  const values = [...(notesOf(run)?.interrupts?.values() ?? [])]
  return values.length > 1 ? values : values[0]
}

function keyOf(interrupt: InterruptLike): string {
  return isText(interrupt.id)
    ? interrupt.id
    : JSON.stringify([interrupt.ns, read(interrupt, 'value')])
}
