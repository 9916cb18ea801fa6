import type { FinishedTrace } from '../shape/trace.ts'
import { limitTrace, type SendLimits } from './limits.ts'
import { redactTrace, type Redaction } from './redaction.ts'
import { isSampled, type SampleBy, type SampleRate } from './sampling.ts'

/** The rules that every finished trace passes. */
export interface Policy {
  readonly sampleRate: SampleRate
  readonly sampleBy: SampleBy
  readonly redact: Redaction
  readonly limits: SendLimits
}

/**
 * The trace as it may leave, or `undefined` when it is not sampled. Limits come last, so that no cut halves a secret.
 */
export function applyPolicy(trace: FinishedTrace, policy: Policy): FinishedTrace | undefined {
  return isSampled(trace, policy.sampleRate, policy.sampleBy)
    ? limitTrace(redactTrace(trace, policy.redact), policy.limits)
    : undefined
}
