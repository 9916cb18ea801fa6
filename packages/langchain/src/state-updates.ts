import { BoundedMap, shared } from '@trulayer/core/internal'

import { isStateUpdate } from './fold-run.ts'
import type { ChainStarted } from './types.ts'

const REMEMBERED_UPDATES = 1000

/* Runs of state updates that are not recorded, until they end. */
const ignoredUpdates = shared(
  'langchain:state-updates',
  () => new BoundedMap<string, true>(REMEMBERED_UPDATES),
)

/** True for a state update that is no part of a turn, and for the plumbing inside it. Nothing of it is recorded. */
export function isIgnoredUpdate(event: ChainStarted, isPlumbing: boolean): boolean {
  const isIgnored =
    event.parentRunId === undefined
      ? isStateUpdate(event)
      : isPlumbing && ignoredUpdates.has(event.parentRunId)
  if (isIgnored) {
    ignoredUpdates.set(event.runId, true)
  }
  return isIgnored
}

/** Forgets a state update that has ended. */
export function forgetUpdate(runId: string): void {
  ignoredUpdates.delete(runId)
}
