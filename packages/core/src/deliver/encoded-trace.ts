import { isObject } from '../shape/read.ts'
import { textBytes } from '../shape/text-bytes.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { wellFormedJson } from '../shape/well-formed-json.ts'
import { toWireTrace } from '../shape/wire.ts'
import type { Segment } from './spool.ts'

/** A finished trace as text. Every attempt to send it sends this text, whatever became of the objects behind it. */
export interface EncodedTrace {
  readonly id: string
  /** The trace as `POST /v1/ingest` takes it. */
  readonly json: string
  /** About how long `json` is as UTF-8. */
  readonly bytes: number
  /** Position among everything that was handed to the exporter; grows by one. */
  readonly sequence: number
  /** Milliseconds of the monotonic clock. */
  readonly exportedAt: number
  /** Whether the trace or a span of it failed. Such traces are the last to be dropped. */
  readonly hasError: boolean
  /** The file that it was read from. */
  readonly origin?: SpoolOrigin | undefined
}

/** A file of the spool whose traces are in the queue. */
export interface SpoolOrigin {
  readonly segment: Segment
  /** Traces of it that are in the queue. */
  left: number
}

/** The trace on a line of a file; `undefined` where the line is none, as the last one of a file that was torn. */
export function readEncodedTrace(
  line: string,
  context: { readonly sequence: number; readonly exportedAt: number; readonly origin: SpoolOrigin },
): EncodedTrace | undefined {
  const value = parse(line)
  if (!isObject(value) || typeof value['id'] !== 'string') {
    return undefined
  }
  const spans: readonly unknown[] = Array.isArray(value['spans']) ? value['spans'] : []
  return {
    id: value['id'],
    json: line,
    bytes: textBytes(line),
    hasError: [value, ...spans].some((part) => isObject(part) && typeof part['error'] === 'string'),
    ...context,
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * Encodes a trace for the wire.
 *
 * @throws whatever the payload throws; one trace at a time, so that no other is lost with it
 */
export function encodeTrace(
  trace: FinishedTrace,
  context: {
    readonly projectName: string | undefined
    readonly sequence: number
    readonly now: number
  },
): EncodedTrace {
  const json = wellFormedJson(toWireTrace(trace, { projectName: context.projectName }))
  return {
    id: trace.id,
    json,
    bytes: textBytes(json),
    sequence: context.sequence,
    exportedAt: context.now,
    hasError: trace.status === 'error' || trace.spans.some((span) => span.status === 'error'),
  }
}
