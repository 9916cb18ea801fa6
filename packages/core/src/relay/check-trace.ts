import { attributes } from '../shape/attributes.ts'
import { fromWireTrace } from '../shape/from-wire.ts'
import { toUuid } from '../shape/ids.ts'
import { isRecord } from '../shape/read.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import { toCost } from '../shape/usage.ts'
import {
  type Checked,
  type FieldCheck,
  findProblem,
  isCount,
  isText,
  optional,
} from './check-fields.ts'

/* Clocks of visitors are wrong by hours, and nobody's by more than this. */
const DAY = 24 * 60 * 60 * 1000
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/

const PAYLOAD_CHECKS = {
  id: isId,
  input: optional(isText),
  output: optional(isText),
  model: optional(isText),
  latency_ms: optional(isCount),
  cost: optional((value) => toCost(value) !== undefined),
  error: optional(isText),
  metadata: optional(isRecord),
}

/* Those of the wire, without the project: that is the server's to say. */
function traceChecks(now: number): Readonly<Record<string, FieldCheck>> {
  const isRecent = recent(now)
  return {
    ...PAYLOAD_CHECKS,
    session_id: isText,
    external_id: optional(isText),
    name: optional(isText),
    tags: optional((value) => isRecord(value) && Object.values(value).every(isText)),
    spans: Array.isArray,
    events: optional(Array.isArray),
    started_at: isRecent,
    ended_at: isRecent,
  }
}

function spanChecks(now: number): Readonly<Record<string, FieldCheck>> {
  const isRecent = recent(now)
  return {
    ...PAYLOAD_CHECKS,
    trace_id: isId,
    parent_span_id: optional(isId),
    name: (value) => isText(value) && value !== '',
    type: (value) =>
      value === 'llm' || value === 'tool' || value === 'retrieval' || value === 'other',
    prompt_tokens: optional(isCount),
    completion_tokens: optional(isCount),
    start_time: isRecent,
    end_time: isRecent,
  }
}

const EVENT_CHECKS = {
  id: isId,
  span_id: optional(isId),
  level: (value: unknown) => value === 'info' || value === 'warn' || value === 'error',
  message: isText,
  metadata: optional(isRecord),
}

/**
 * A trace as a browser may send it: one whole turn in the fields of the wire, whose spans belong to it and to each other,
 * and which happened about now. What it says stays what a visitor says, and is marked as that.
 *
 * @param now - milliseconds since 1970
 */
export function checkTrace(value: unknown, now: number): Checked<FinishedTrace> {
  const problem = findProblem('a trace', value, traceChecks(now)) ?? findForgery(value, now)
  const trace = problem === undefined ? fromWireTrace(value) : undefined
  return trace === undefined
    ? { problem: problem ?? 'a trace must be an object' }
    : { value: { ...trace, metadata: { ...trace.metadata, [attributes.relayed]: true } } }
}

/* What fits field by field, and not together. */
function findForgery(trace: unknown, now: number): string | undefined {
  const { id, spans, events } = isRecord(trace) ? trace : {}
  const checks = spanChecks(now)
  const known = new Set<unknown>()
  for (const span of listOf(spans)) {
    const problem = findProblem('a span', span, checks)
    if (problem !== undefined || !isRecord(span)) {
      return problem
    }
    const parent = span['parent_span_id'] ?? undefined
    if (span['trace_id'] !== id) {
      return 'a span belongs to another trace'
    }
    // Parents start first, so that there is no way in a circle.
    if (known.has(span['id']) || (parent !== undefined && !known.has(parent))) {
      return 'the spans of a trace must be one tree, parents first'
    }
    known.add(span['id'])
  }
  for (const event of listOf(events)) {
    const problem = findProblem('an event', event, EVENT_CHECKS)
    if (problem !== undefined || !isRecord(event)) {
      return problem
    }
    const span = event['span_id'] ?? undefined
    if (span !== undefined && !known.has(span)) {
      return 'an event belongs to no span of its trace'
    }
  }
  return undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isId(value: unknown): boolean {
  return value !== undefined && toUuid(value) === value
}

function recent(now: number): FieldCheck {
  return (value) => isText(value) && INSTANT.test(value) && Math.abs(Date.parse(value) - now) < DAY
}
