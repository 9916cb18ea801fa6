import { createId } from '../shape/ids.ts'
import { wallClock } from '../runtime/clock.ts'
import type { EncodedTrace } from './encoded-trace.ts'

/** The search for the traces that make the service refuse a batch, which all its parts share. */
export interface Search {
  /** Requests of this search that were refused. */
  refusals: number
  /** Whether any part was taken, so that the fault is not in everything that is sent. */
  taken: boolean
}

/** Traces that travel together. Repeated as long as they do, they make the same bytes each time. */
export interface Batch {
  /** A UUID; the same on every attempt. */
  readonly id: string
  readonly traces: readonly EncodedTrace[]
  /** About how long the request's body is. */
  readonly bytes: number
  /** Requests made with this batch. */
  attempts: number
  /** Whether the traces were sent before in a request that may have arrived. */
  repeated: boolean
  /** Whether the service left these out of an answer once already. */
  readonly resent: boolean
  /** Set while the malformed traces of a batch are searched for. */
  readonly search: Search | undefined
  /** Whether some of its traces may have arrived and others not, as after the end of a process. */
  readonly mixed: boolean
  /** Passing faults that it met with while others were taken. */
  faults: number
  /** How many batches had been taken when it last met with one. */
  faultedAfter: number | undefined
  /** How many batches had been taken when this one, or the one it is half of, was last refused without a reason. */
  refusedAfter: number | undefined
}

const ENVELOPE = { start: '{"traces":[', end: ']}' }

/** A batch of these traces; of what else it is, only what `details` says. */
export function createBatch(
  traces: readonly EncodedTrace[],
  details: Partial<
    Pick<Batch, 'repeated' | 'resent' | 'search' | 'refusedAfter' | 'mixed' | 'faults'>
  > = {},
): Batch {
  const separators = Math.max(0, traces.length - 1)
  return {
    id: createId(wallClock()),
    traces,
    bytes:
      ENVELOPE.start.length +
      ENVELOPE.end.length +
      separators +
      traces.reduce((sum, trace) => sum + trace.bytes, 0),
    attempts: 0,
    repeated: details.repeated ?? false,
    resent: details.resent ?? false,
    search: details.search,
    mixed: details.mixed ?? false,
    faults: details.faults ?? 0,
    faultedAfter: undefined,
    refusedAfter: details.refusedAfter,
  }
}

/** The body of `POST /v1/ingest/batch` in pieces. */
export function batchBody(batch: Batch): string[] {
  const pieces = batch.traces.flatMap((trace) => [',', trace.json])
  return [ENVELOPE.start, ...pieces.slice(1), ENVELOPE.end]
}

/** Whether the service may know the traces of the batch from an earlier request of ours. */
export function mayHaveArrived(batch: Batch): boolean {
  return batch.repeated || batch.attempts > 1
}

/** The same batch with other traces, which is another request. */
export function withTraces(batch: Batch, traces: readonly EncodedTrace[]): Batch {
  return createBatch(traces, { ...batch, repeated: batch.repeated || batch.attempts > 0 })
}

/** The two halves of a batch, older traces first. */
export function halve(
  batch: Batch,
  details: Partial<Pick<Batch, 'search' | 'refusedAfter' | 'faults'>> = {},
): readonly [Batch, Batch] {
  const middle = Math.ceil(batch.traces.length / 2)
  const inherited = { ...batch, repeated: mayHaveArrived(batch), ...details }
  return [
    createBatch(batch.traces.slice(0, middle), inherited),
    createBatch(batch.traces.slice(middle), inherited),
  ]
}
