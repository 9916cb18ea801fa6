/**
 * Every value of `trulayer.reason`: why a call has a status other than `ok`. The list is closed, so that a reason has the
 * same spelling in the traces of every framework. A new reason is added here and nowhere else.
 */
export const reasons = {
  /** The caller stopped the work. */
  aborted: 'aborted',
  /** A time limit fired. */
  timeout: 'timeout',
  /** The reader of a stream stopped before its end. */
  readerLeft: 'reader left',
  /** A stream was dropped without being read to its end. */
  neverRead: 'never read',
  /** A person refused the call. */
  rejected: 'rejected',
  /** A guardrail stopped the work. */
  tripwire: 'tripwire',
  /** The call waits for a tool that the client runs. */
  clientTool: 'client tool',
  /** The call waits for a person to approve it. */
  approval: 'approval',
} as const

/** A value of `trulayer.reason`. */
export type Reason = (typeof reasons)[keyof typeof reasons]

const KNOWN: ReadonlySet<unknown> = new Set(Object.values(reasons))

/** True for a value of the list. */
export function isReason(value: unknown): value is Reason {
  return KNOWN.has(value)
}
