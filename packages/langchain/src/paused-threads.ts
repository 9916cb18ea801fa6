import { BoundedMap, isObject, read, type Run, shared } from '@trulayer/core/internal'

import { type AskedToolCall, unansweredToolCalls } from './tool-calls.ts'

/** A thread that waits for a person. */
export interface PausedThread {
  /** The trace of the turn that was interrupted. */
  readonly traceId: string
  readonly sessionId: string
  /** What its model asked for and nobody answered: the turn that goes on answers it. */
  readonly calls: readonly AskedToolCall[]
}

const REMEMBERED_THREADS = 1000

/* By recorder, since two clients may know threads of one name. */
const pausedOfOwners = shared(
  'langchain:paused',
  () => new WeakMap<object, BoundedMap<string, PausedThread>>(),
)

/**
 * Remembers how a turn of a thread ended. One that waits is linked by the turn that resumes it; one that failed while it
 * resumed leaves the thread waiting as it was.
 */
export function rememberThread(run: Run, thread: string): void {
  const known = pausedOfOwners.get(run.turn.owner)
  if (run.status === 'ok') {
    known?.delete(thread)
  }
  if (run.status !== 'interrupted') {
    return
  }
  const paused = known ?? new BoundedMap<string, PausedThread>(REMEMBERED_THREADS)
  pausedOfOwners.set(run.turn.owner, paused)
  const { id: traceId, sessionId } = run.turn
  paused.set(thread, { traceId, sessionId, calls: unansweredToolCalls(run.turn) })
}

/** The thread as it was paused; `undefined` for one that was not, or that is no longer remembered. */
export function pausedThread(owner: object, thread: string): PausedThread | undefined {
  return pausedOfOwners.get(owner)?.get(thread)
}

/** True for what a graph is given to go on: a `Command` with an answer, or nothing at all. */
export function isResumeInput(inputs: unknown): boolean {
  if (inputs === null || read(inputs, 'input') === null) {
    return true
  }
  const command = read(inputs, 'input') ?? inputs
  return isObject(command) && command['lg_name'] === 'Command' && command['resume'] !== undefined
}
