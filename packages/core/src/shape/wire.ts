import { attributes } from './attributes.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { toText } from './safe-json.ts'
import type { FinishedSpan, FinishedTrace, TraceEvent } from './trace.ts'

/** A span as the ingest API takes it. */
export interface WireSpan {
  readonly id: string
  readonly trace_id: string
  readonly parent_span_id: string | null
  readonly name: string
  readonly type: FinishedSpan['type']
  readonly input: string | null
  readonly output: string | null
  readonly model: string | null
  readonly latency_ms: number
  readonly cost?: number
  readonly error: string | null
  readonly prompt_tokens: number | null
  readonly completion_tokens: number | null
  readonly metadata: JsonObject
  readonly start_time: string
  readonly end_time: string
}

/** An event as the ingest API takes it. */
export interface WireEvent {
  readonly id: string
  readonly span_id: string | null
  readonly level: TraceEvent['level']
  readonly message: string
  readonly metadata: JsonObject
}

/** A trace as the ingest API takes it. */
export interface WireTrace {
  readonly id: string
  readonly project_id?: string
  readonly session_id: string
  readonly external_id: string | null
  readonly name: string
  readonly input: string | null
  readonly output: string | null
  readonly model: string | null
  readonly latency_ms: number
  readonly cost?: number
  readonly error: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: JsonObject
  readonly spans: readonly WireSpan[]
  readonly events: readonly WireEvent[]
  readonly started_at: string
  readonly ended_at: string
}

/**
 * A trace in the shape of `POST /v1/ingest`. Instants carry microseconds, so that the order of starts survives.
 *
 * @param options.projectName - the project that the trace goes to; the field is called `project_id` on the wire
 */
export function toWireTrace(
  trace: FinishedTrace,
  options: { readonly projectName?: string | undefined } = {},
): WireTrace {
  const cost =
    trace.cost ??
    trace.spans.reduce<number | undefined>(
      (sum, span) => (span.cost === undefined ? sum : (sum ?? 0) + span.cost),
      undefined,
    )
  return {
    id: trace.id,
    ...(options.projectName === undefined ? {} : { project_id: options.projectName }),
    session_id: trace.sessionId,
    external_id: trace.externalId ?? null,
    name: trace.name,
    input: toNullableText(trace.input),
    output: toNullableText(trace.output),
    model: trace.model ?? null,
    latency_ms: latency(trace.startedAt, trace.endedAt),
    ...(cost === undefined ? {} : { cost }),
    error: trace.error ?? null,
    tags: trace.tags,
    metadata: withCost(trace),
    spans: trace.spans.map((span) => toWireSpan(span, trace.id)),
    events: trace.events.map(toWireEvent),
    started_at: toInstant(trace.startedAt),
    ended_at: toInstant(trace.endedAt),
  }
}

function toWireSpan(span: FinishedSpan, traceId: string): WireSpan {
  return {
    id: span.id,
    trace_id: traceId,
    parent_span_id: span.parentId ?? null,
    name: span.name,
    type: span.type,
    input: toNullableText(span.input),
    output: toNullableText(span.output),
    model: span.model ?? null,
    latency_ms: latency(span.startedAt, span.endedAt),
    ...(span.cost === undefined ? {} : { cost: span.cost }),
    error: span.error ?? null,
    prompt_tokens: span.usage?.promptTokens ?? null,
    completion_tokens: span.usage?.completionTokens ?? null,
    metadata: withCost(span),
    start_time: toInstant(span.startedAt),
    end_time: toInstant(span.endedAt),
  }
}

/* For models that the service has no price of. */
function withCost({ cost, metadata }: FinishedTrace | FinishedSpan): JsonObject {
  return cost === undefined ? metadata : { ...metadata, [attributes.costUsd]: cost }
}

function toWireEvent(event: TraceEvent): WireEvent {
  return {
    id: event.id,
    span_id: event.spanId ?? null,
    level: event.level,
    message: event.message,
    metadata: event.metadata,
  }
}

function toNullableText(value: JsonValue | undefined): string | null {
  return value === undefined || value === null ? null : toText(value)
}

function latency(from: number, to: number): number {
  return Math.max(0, Math.round(to - from))
}

/** Milliseconds since 1970 as ISO 8601 in UTC with microseconds. */
export function toInstant(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== latestSecond.value) {
    latestSecond.value = second
    latestSecond.text = new Date(second * 1000).toISOString().slice(0, -4)
  }
  const microseconds = Math.floor((milliseconds - second * 1000) * 1000)
  return `${latestSecond.text}${String(microseconds + 1_000_000).slice(1)}Z`
}

/* Nearly every instant lies in the second of the one before, and the calendar is the dear part. */
const latestSecond = { value: Number.NaN, text: '' }
