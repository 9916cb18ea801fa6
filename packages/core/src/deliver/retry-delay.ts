import { monotonicClock, wallClock } from '../runtime/clock.ts'

/** When delivery tries again. All times are milliseconds. */
export interface DeliveryTiming {
  /** A number from 0 (included) to 1. */
  readonly random: () => number
  /** A clock that never goes back. */
  readonly now: () => number
  /** Milliseconds since 1970, for answers that name a date. */
  readonly wallNow: () => number
  /** The longest wait after the first fault; it doubles with each further one. 500 by default. */
  readonly backOff: number
  /** The longest wait after a fault. 15,000 by default, so that all is delivered half a minute after an outage. */
  readonly maxBackOff: number
  /** The shortest wait after a fault. 50 by default. */
  readonly minBackOff: number
  /** The shortest wait where the service asks for one. 1,000 by default. */
  readonly minPause: number
  /** The longest wait that the service can ask for. 300,000 by default. */
  readonly maxPause: number
  /** The wait after a refusal that is not the service's own; it doubles with each further one. 60,000 by default. */
  readonly coolDown: number
  /** The longest such wait, and the wait while a quota is used up. 900,000 by default. */
  readonly maxCoolDown: number
  /** The age beyond which a trace that failed to be sent is given up. 900,000 by default. */
  readonly maxAge: number
  /** How long feedback is tried, held back for its trace included. 30,000 by default. */
  readonly feedbackTimeout: number
}

const { random } = Math

/** The timing of a host's program. */
export const DEFAULT_TIMING: DeliveryTiming = {
  random: () => random(),
  now: monotonicClock,
  wallNow: wallClock,
  backOff: 500,
  maxBackOff: 15_000,
  minBackOff: 50,
  minPause: 1000,
  maxPause: 5 * 60_000,
  coolDown: 60_000,
  maxCoolDown: 15 * 60_000,
  maxAge: 15 * 60_000,
  feedbackTimeout: 30_000,
}

/**
 * The wait after the `failures`th fault in a row, in milliseconds: full jitter, so that a thousand processes that lost the
 * service together do not come back together.
 */
export function backOffDelay(failures: number, timing: DeliveryTiming): number {
  const longest = grow(timing.backOff, failures, timing.maxBackOff)
  return Math.max(timing.minBackOff, timing.random() * longest)
}

/**
 * The wait in milliseconds after the service asked for one (`told`), or said "too many" without a time: never shorter than
 * it said, up to a tenth longer, within the cap.
 */
export function pauseDelay(
  told: number | undefined,
  failures: number,
  timing: DeliveryTiming,
): number {
  if (told === undefined) {
    return Math.max(timing.minPause, backOffDelay(failures, timing))
  }
  const wait = Math.max(told, timing.minPause)
  // Whoever is told to wait for days asks again before that, and not all at the same moment.
  return wait >= timing.maxPause
    ? timing.maxPause * (1 - timing.random() / 10)
    : Math.min(timing.maxPause, wait * (1 + timing.random() / 10))
}

/** The wait in milliseconds while a quota is used up: rarely, since it may be for days, and never longer than it said. */
export function quotaDelay(told: number | undefined, timing: DeliveryTiming): number {
  const wait = Math.max(
    timing.minPause,
    Math.min(told ?? Number.POSITIVE_INFINITY, timing.maxCoolDown),
  )
  return wait * (1 + timing.random() / 10)
}

/** The wait after the `refusals`th refusal in a row that no code of the service explains, in milliseconds, ±10 %. */
export function coolDownDelay(refusals: number, timing: DeliveryTiming): number {
  const wait = grow(timing.coolDown, refusals, timing.maxCoolDown)
  return wait * (0.9 + timing.random() / 5)
}

function grow(first: number, times: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.max(0, times - 1))
}

const SECONDS = /^\d+(\.\d+)?$/
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i
/* Larger numbers are no waits but instants: beyond 30 years in seconds, and beyond that in milliseconds. */
const INSTANT_IN_SECONDS = 1e9
const INSTANT_IN_MILLISECONDS = 1e12

/**
 * The wait in milliseconds that an answer asks for by `Retry-After` (seconds or a date) or else by `X-RateLimit-Reset`
 * (seconds, or an instant in either unit); `undefined` where it asks for none that can be understood.
 */
export function toldWait(headers: Pick<Headers, 'get'>, wallNow: number): number | undefined {
  // The service's own clock where it tells the time, for ours may be wrong by more than the wait.
  const now = parseDate(headers.get('date')) ?? wallNow
  return (
    parseWait(headers.get('retry-after'), now) ?? parseWait(headers.get('x-ratelimit-reset'), now)
  )
}

function parseWait(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (!SECONDS.test(text)) {
    const date = parseDate(text)
    return date === undefined ? undefined : Math.max(0, date - now)
  }
  const number = Number(text)
  if (number < INSTANT_IN_SECONDS) {
    return number * 1000
  }
  return Math.max(0, (number < INSTANT_IN_MILLISECONDS ? number * 1000 : number) - now)
}

/* `Date.parse` alone finds a date in almost anything, "-1" and "abc 1" among it. */
function parseDate(value: string | null): number | undefined {
  const milliseconds = DATE.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
