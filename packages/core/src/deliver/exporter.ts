import type { FinishedTrace } from '../shape/trace.ts'
import type { Feedback, FeedbackResult } from './feedback.ts'

/** How long an exporter may take. */
export interface ExportDeadline {
  /** Milliseconds. */
  readonly timeout: number
  /** Set where the promise must depend on nothing of another request of the host, as on Workers. */
  readonly polls?: boolean | undefined
  /** Set where nothing can be delivered later: then one more attempt is made although delivery pauses. */
  readonly isLast?: boolean | undefined
}

/** What an exporter has done with traces since it was made. */
export interface ExporterStats {
  /** Traces that the receiver took. */
  readonly sent: number
  /** Traces that wait. */
  readonly queued: number
  /** Traces that are under way. */
  readonly inFlight?: number
  /** Traces that were put on disk and not taken back. */
  readonly spooled?: number
  /** Traces of earlier processes that were taken from disk; they count among the others from then on. */
  readonly recovered?: number
  /** Traces given up, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** Requests made. */
  readonly requests: number
  /** Requests that repeated an earlier one. */
  readonly retries: number
  /** `stopped` when the receiver refused for good. */
  readonly state: 'active' | 'waiting' | 'stopped'
}

/**
 * Takes finished traces somewhere. A client may hold several.
 *
 * The traces are final: sampled, redacted and within limits. They are frozen in the sense that an exporter must not
 * change them, for every exporter gets the same objects.
 */
export interface TraceExporter {
  /** Takes traces. What it throws or rejects with is reported through `onError` and never reaches the host. */
  export(traces: readonly FinishedTrace[]): void | Promise<void>
  /** Resolves when everything exported before the call is answered or given up, or the time is over. */
  flush?(deadline: ExportDeadline): Promise<void>
  /** Like `flush`, and nothing is taken afterwards. */
  shutdown?(deadline: ExportDeadline): Promise<void>
  /** Takes feedback, redacted, to where the traces went. Without it this exporter gets none. */
  submitFeedback?(feedback: Feedback): Promise<FeedbackResult>
  /** Counts for `client.stats()`. Without it a trace counts as sent when `export` returned. */
  stats?(): ExporterStats
}

/** A problem of delivery, as `client.onError` hears it. */
export interface DeliveryProblem {
  /** Stable and lower-case, such as `rejected`, `overflow`, `unauthorized`. */
  readonly reason: string
  /** One sentence: what happened and what to do. */
  readonly message: string
  /** How many traces were given up because of it; 0 when they are kept. */
  readonly dropped: number
  readonly cause?: unknown
}
