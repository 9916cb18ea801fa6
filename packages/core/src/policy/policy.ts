import type { FinishedTrace } from '../shape/trace.ts'
import { checkHygiene, warnOfLarge, type WarnOnce } from './hygiene.ts'
import { limitTrace, type SendLimits } from './limits.ts'
import { secretsPack } from './packs/secrets.ts'
import { redactTrace, type Redaction } from './redaction.ts'
import { isSampled, type SampleBy, type SampleRate } from './sampling.ts'
import { createScrubber } from './scrubber.ts'

/** The rules that every finished trace passes. */
export interface Policy {
  readonly sampleRate: SampleRate
  readonly sampleBy: SampleBy
  readonly redact: Redaction
  readonly limits: SendLimits
  /** Hears once of metadata that the host would better not send. */
  readonly warn: WarnOnce
}

/** What the option `redact` stands for. Without one the secrets pack is at work; `true` says the same. */
export function resolveRedaction(option: Redaction | true | undefined): Redaction {
  return option === undefined || option === true
    ? createScrubber({ packs: [secretsPack()] })
    : option
}

/**
 * The trace as it may leave, or `undefined` when it is not sampled. Limits come last, so that no cut halves a secret.
 */
export function applyPolicy(trace: FinishedTrace, policy: Policy): FinishedTrace | undefined {
  if (!isSampled(trace, policy.sampleRate, policy.sampleBy)) {
    return undefined
  }
  const clean = redactTrace(trace, policy.redact)
  checkHygiene(trace, policy.warn)
  return limitTrace(clean, policy.limits, (key) => warnOfLarge(key, policy.warn))
}
