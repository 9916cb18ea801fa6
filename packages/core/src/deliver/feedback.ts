import { TruLayerError } from '../shape/trulayer-error.ts'
import type { JsonObject } from '../shape/json.ts'
import { wellFormedJson } from '../shape/well-formed-json.ts'

/** What a person or a program thinks of a turn. */
export interface Feedback {
  /** The id of the trace: a lower-case UUID. */
  readonly traceId: string
  readonly label: 'good' | 'bad' | 'neutral'
  readonly score?: number | undefined
  readonly comment?: string | undefined
  /** Such as `{ source: 'thumbs_button' }`: where it comes from. Small values. */
  readonly metadata?: JsonObject | undefined
}

/** What became of feedback. Nothing is thrown for feedback that was not taken. */
export type FeedbackResult =
  | { readonly accepted: true }
  | {
      readonly accepted: false
      /** Stable and lower-case, such as `rejected`, `timeout`, `closed`, `sampled_out`. */
      readonly reason: string
      /** One sentence: what happened. */
      readonly message: string
    }

const LABELS: ReadonlySet<unknown> = new Set(['good', 'bad', 'neutral'])

/**
 * Refuses feedback that no service could take, which is a mistake in code.
 *
 * @throws TruLayerError `invalid-argument`
 */
export function assertFeedback(feedback: Feedback): void {
  if (typeof feedback?.traceId !== 'string' || !LABELS.has(feedback.label)) {
    throw new TruLayerError(
      'invalid-argument',
      "feedback needs a `traceId` and a `label` that is 'good', 'bad' or 'neutral'.",
    )
  }
}

/**
 * The body of `POST /v1/feedback`.
 *
 * @throws whatever the metadata throws
 */
export function encodeFeedback(feedback: Feedback): string {
  return wellFormedJson({
    trace_id: feedback.traceId,
    label: feedback.label,
    score: feedback.score,
    comment: feedback.comment,
    metadata: feedback.metadata,
  })
}

/** That feedback was not taken, and why. */
export function refuseFeedback(reason: string, detail: string): FeedbackResult {
  return { accepted: false, reason, message: `Feedback was not taken: ${detail}.` }
}
