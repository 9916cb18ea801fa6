import type { Turn } from './turn.ts'

/** How long a turn may wait, in milliseconds without an event. */
export interface CompletionLimits {
  /** After its root has ended, while something in it is open. */
  readonly grace: number
  /** While the host holds a stream of it. */
  readonly streamIdle: number
  /** While its root is open and nothing is held. */
  readonly turnIdle: number
}

/** True for a turn whose trace leaves now: its root has ended and nothing in it is open. */
export function isComplete(turn: Turn): boolean {
  return turn.openRuns === 0
}

/**
 * When the trace of an open turn leaves although nothing more is heard of it, by the monotonic clock (rule 11 of the
 * trace).
 */
export function deadlineOf(turn: Turn, limits: CompletionLimits): number {
  if (turn.heldRuns > 0) {
    return turn.lastEventAt + limits.streamIdle
  }
  return turn.lastEventAt + (turn.root?.isOpen === true ? limits.turnIdle : limits.grace)
}
