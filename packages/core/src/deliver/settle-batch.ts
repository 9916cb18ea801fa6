import { createBatch, halve, mayHaveArrived, withTraces, type Batch } from './batch.ts'
import type { DropReason } from './delivery-report.ts'
import type { EncodedTrace } from './encoded-trace.ts'
import type { BatchEnd } from './trace-queue.ts'
import { trimTrace } from './trim-trace.ts'
import type { Verdict } from './verdict.ts'

/** What must be known beside a verdict. */
export interface Situation {
  /** Milliseconds of the monotonic clock. */
  readonly now: number
  /** Milliseconds after which a trace that a fault kept from leaving is given up. */
  readonly maxAge: number
  /** Until when the service last asked to wait; the age of no trace counts from before. */
  readonly heldUntil: number
  /** Batches that were taken since the start. */
  readonly taken: number
  /** Unexplained refusals in a row before this verdict. */
  readonly refusals: number
  /** Whether the service was found to call everything malformed. */
  readonly hopeless: boolean
  /** Whether there was an answer at all. */
  readonly hasAnswer: boolean
}

/** What becomes of a batch, and what it says about the rest. */
export interface Settlement extends BatchEnd {
  /** Why, where something was dropped. */
  readonly reason?: DropReason
  /** Set when nothing should be sent for a while. */
  readonly coolDown: boolean
  /** Set when a whole search found nothing that the service takes, so that its other parts are hopeless too. */
  readonly hopeless: boolean
}

/* Refused requests before a search is given up that has found no good trace; three more may be under way by then. */
const SEARCH_BUDGET = 20
/*
 * What a batch is tried before it lets others pass: a service that stumbles is not asked for something else each time, or
 * none of its answers would ever be good, and each wait longer than the one before.
 */
const TRIES_IN_A_ROW = 3
/* Faults of one batch while others are taken. */
const FAULTS_BEFORE_HALVING = 5
/* The batch and both its halves: then it is not about single traces. */
const REFUSALS_BEFORE_COOL_DOWN = 3

const NOTHING: Settlement = {
  sent: [],
  dropped: [],
  again: [],
  aside: [],
  coolDown: false,
  hopeless: false,
}

/** What becomes of a batch after the verdict on it. */
export function settleBatch(batch: Batch, verdict: Verdict, situation: Situation): Settlement {
  switch (verdict.kind) {
    case 'taken':
      return settleTaken(batch, verdict.ids)
    case 'duplicate':
      // The answer to a request that was thought lost, unless it is the first: then another trace has this id.
      return mayHaveArrived(batch) && (!batch.mixed || batch.traces.length === 1)
        ? { ...NOTHING, sent: batch.traces }
        : halveOrDrop(batch, 'duplicate_id')
    case 'fault':
      return settleFault(batch, situation)
    case 'limited':
      return { ...NOTHING, again: [batch] }
    case 'too-large':
      return settleTooLarge(batch)
    case 'malformed':
      return settleMalformed(batch, situation)
    case 'refused':
      return settleRefused(batch, situation)
    case 'stop':
      break
  }
  return { ...NOTHING, dropped: batch.traces, reason: verdict.reason }
}

function settleTaken(batch: Batch, ids: ReadonlySet<string> | undefined): Settlement {
  if (batch.search !== undefined) {
    batch.search.taken = true
  }
  const missing = ids === undefined ? [] : batch.traces.filter((trace) => !ids.has(trace.id))
  if (missing.length === 0) {
    return { ...NOTHING, sent: batch.traces }
  }
  const sent = batch.traces.filter((trace) => !missing.includes(trace))
  return batch.resent
    ? { ...NOTHING, sent, dropped: missing, reason: 'rejected' }
    : { ...NOTHING, sent, again: [createBatch(missing, { repeated: true, resent: true })] }
}

function settleFault(batch: Batch, situation: Situation): Settlement {
  const isFresh = (trace: EncodedTrace): boolean =>
    situation.now - Math.max(trace.exportedAt, situation.heldUntil) <= situation.maxAge
  const fresh = batch.traces.filter(isFresh)
  if (fresh.length === batch.traces.length) {
    return settleRepeatedFault(batch, situation)
  }
  return {
    ...NOTHING,
    dropped: batch.traces.filter((trace) => !isFresh(trace)),
    reason: 'expired',
    again: fresh.length === 0 ? [] : [withTraces(batch, fresh)],
  }
}

/*
 * A batch that the service fails on again and again while it takes others holds something that breaks the service. It
 * lets others pass, and is then halved like one that is malformed.
 */
function settleRepeatedFault(batch: Batch, situation: Situation): Settlement {
  if (!situation.hasAnswer) {
    return { ...NOTHING, again: [batch] }
  }
  const { faultedAfter } = batch
  const othersWereTaken = faultedAfter !== undefined && situation.taken > faultedAfter
  batch.faults += othersWereTaken || batch.faults === 0 ? 1 : 0
  batch.faultedAfter = situation.taken
  if (batch.faults < FAULTS_BEFORE_HALVING) {
    return batch.attempts < TRIES_IN_A_ROW
      ? { ...NOTHING, again: [batch] }
      : { ...NOTHING, aside: [batch] }
  }
  // A single trace is tried as often as a whole batch before it is given up.
  return batch.traces.length > 1
    ? { ...NOTHING, again: halve(batch, { faults: batch.traces.length > 3 ? 3 : 0 }) }
    : { ...NOTHING, dropped: batch.traces, reason: 'rejected' }
}

/* A trace that is too large alone is cut, again and again while that helps, for half of it tells more than nothing. */
function settleTooLarge(batch: Batch): Settlement {
  const [trace] = batch.traces
  const trimmed = trace === undefined || batch.traces.length > 1 ? undefined : trimTrace(trace)
  return trimmed === undefined
    ? halveOrDrop(batch, 'too_large')
    : { ...NOTHING, again: [withTraces(batch, [trimmed])] }
}

function settleMalformed(batch: Batch, situation: Situation): Settlement {
  const search = batch.search ?? { refusals: 0, taken: false }
  search.refusals += 1
  const isExhausted = search.refusals >= SEARCH_BUDGET && !search.taken
  if (isExhausted || (situation.hopeless && batch.search === undefined)) {
    return { ...NOTHING, dropped: batch.traces, reason: 'rejected', hopeless: true }
  }
  return halveOrDrop(batch, 'rejected', search)
}

/*
 * Nobody said why, so it is either everything (a wrong address, a proxy) or what single traces hold (a firewall that takes
 * a prompt for an attack). A batch that was taken meanwhile tells the two apart.
 */
function settleRefused(batch: Batch, situation: Situation): Settlement {
  const { refusedAfter } = batch
  const othersWereTaken = refusedAfter !== undefined && situation.taken > refusedAfter
  const isFirst = refusedAfter === undefined && situation.refusals === 0
  if (batch.traces.length > 1 && (othersWereTaken || isFirst)) {
    return { ...NOTHING, again: halve(batch, { refusedAfter: situation.taken }) }
  }
  if (othersWereTaken) {
    return { ...NOTHING, dropped: batch.traces, reason: 'rejected' }
  }
  batch.refusedAfter = situation.taken
  const otherHalfIsUntried =
    refusedAfter !== undefined &&
    batch.attempts === 1 &&
    situation.refusals + 1 < REFUSALS_BEFORE_COOL_DOWN
  return { ...NOTHING, aside: [batch], coolDown: !otherHalfIsUntried }
}

function halveOrDrop(batch: Batch, reason: DropReason, search = batch.search): Settlement {
  return batch.traces.length > 1
    ? { ...NOTHING, again: halve(batch, { search }) }
    : { ...NOTHING, dropped: batch.traces, reason }
}
