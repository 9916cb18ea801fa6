import type { FinishedTrace, SpanStatus } from '../shape/trace.ts'
import { swallow } from './swallow.ts'

/** What a sampling function is told about a finished trace. */
export interface SamplingInput {
  readonly traceId: string
  readonly name: string
  readonly sessionId: string
  /** True when the trace or any of its spans failed. */
  readonly hasError: boolean
  readonly status: SpanStatus
  readonly durationMs: number
  readonly metadata: FinishedTrace['metadata']
  readonly tags: FinishedTrace['tags']
  /** Tokens of all model calls, read and written. */
  readonly tokens: number
}

/** A part of all traces, 0 to 1, or a function that answers with one, or with a plain yes or no. */
export type SampleRate = number | ((trace: SamplingInput) => boolean | number)

/** What a rate is applied to. */
export type SampleBy = 'trace' | 'session'

/**
 * Whether a finished trace is kept. A trace with an error always is, whatever the rate or the function says; so is one
 * about which the function throws or answers anything else.
 *
 * A rate is applied as in OpenTelemetry's consistent probability sampling: the low 56 bits of the trace id against a
 * threshold, so that a retry and another process decide alike.
 */
export function isSampled(trace: FinishedTrace, rate: SampleRate, by: SampleBy): boolean {
  const hasError = isFailed(trace)
  if (hasError || rate === 1) {
    return true
  }
  const answer = typeof rate === 'function' ? ask(rate, trace, hasError) : rate
  if (typeof answer === 'boolean') {
    return answer
  }
  return isAboveThreshold(by === 'session' ? hashOf(trace.sessionId) : lowBitsOf(trace.id), answer)
}

function isFailed(trace: FinishedTrace): boolean {
  for (const span of trace.spans) {
    if (span.status === 'error') {
      return true
    }
  }
  return trace.status === 'error'
}

const RANGE = 1n << 56n

function isAboveThreshold(randomness: bigint, rate: number): boolean {
  if (!(rate < 1)) {
    return true
  }
  const threshold = BigInt(Math.round((1 - Math.max(0, rate)) * 2 ** 52)) << 4n
  return randomness >= threshold
}

function lowBitsOf(id: string): bigint {
  return BigInt(`0x${id.replaceAll('-', '').slice(-14)}`)
}

/* FNV-1a over UTF-16 units, 64 bits, then mixed: good enough to spread session ids, and the same everywhere. */
function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n)
  }
  hash ^= hash >> 33n
  hash = BigInt.asUintN(64, hash * 0xff51afd7ed558ccdn)
  hash ^= hash >> 33n
  return hash % RANGE
}

function ask(
  decide: Exclude<SampleRate, number>,
  trace: FinishedTrace,
  hasError: boolean,
): boolean | number {
  try {
    const answer: unknown = decide({
      traceId: trace.id,
      name: trace.name,
      sessionId: trace.sessionId,
      hasError,
      status: trace.status,
      durationMs: trace.endedAt - trace.startedAt,
      metadata: trace.metadata,
      tags: trace.tags,
      tokens: trace.spans.reduce(
        (sum, span) => sum + (span.usage?.promptTokens ?? 0) + (span.usage?.completionTokens ?? 0),
        0,
      ),
    })
    if (typeof answer === 'boolean' || typeof answer === 'number') {
      return answer
    }
    swallow(answer)
    return true
  } catch {
    // Better a trace too many than a failure unseen.
    return true
  }
}
