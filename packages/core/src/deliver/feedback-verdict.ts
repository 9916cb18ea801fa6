import { type FeedbackResult, refuseFeedback } from './feedback.ts'
import { backOffDelay, type DeliveryTiming, pauseDelay } from './retry-delay.ts'
import type { Verdict } from './verdict.ts'

/* What a relay says of feedback that it understood: in its words, since the service itself has no such thing. */
const RELAY_REASONS: ReadonlySet<string> = new Set(['sampled_out', 'unavailable'])

/** What an answer means for feedback; `undefined` where it is worth another try. */
export function feedbackResult(verdict: Verdict): FeedbackResult | undefined {
  switch (verdict.kind) {
    case 'taken':
    case 'duplicate':
      return { accepted: true }
    case 'malformed':
      return refuseFeedback(
        verdict.code !== undefined && RELAY_REASONS.has(verdict.code) ? verdict.code : 'rejected',
        verdict.detail,
      )
    case 'too-large':
      return refuseFeedback('too_large', verdict.detail)
    case 'refused':
      return refuseFeedback('refused', verdict.detail)
    case 'stop':
      // Of this piece alone: whether traces are refused for good too, their own answers tell.
      return refuseFeedback(verdict.reason, verdict.detail)
    case 'fault':
    case 'limited':
    default:
      return undefined
  }
}

/** The milliseconds until feedback that was not answered for good is sent again. */
export function feedbackDelay(verdict: Verdict, attempts: number, timing: DeliveryTiming): number {
  return verdict.kind === 'limited'
    ? pauseDelay(verdict.wait, attempts, timing)
    : backOffDelay(attempts, timing)
}
