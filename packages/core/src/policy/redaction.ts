import type { JsonObject, JsonValue } from '../shape/json.ts'
import type { FinishedSpan, FinishedTrace, SpanType, TraceEvent } from '../shape/trace.ts'

/** Where a text stands. */
export interface RedactionContext {
  readonly field: 'name' | 'input' | 'output' | 'error' | 'metadata' | 'tags' | 'event' | 'comment'
  /** The type of the span that it belongs to; `undefined` for the trace itself. */
  readonly spanType?: SpanType | undefined
  /** The name of the span or the trace, as it was before. */
  readonly name: string
}

/** Answers with the text that may leave in place of `value`. */
export type RedactFunction = (value: string, context: RedactionContext) => string

/** Something that takes secrets out of texts. */
export interface TextRedactor {
  redact(value: string, context: RedactionContext): string
}

/** The option `redact`. */
export type Redaction = RedactFunction | TextRedactor | false

/** What stands for a text whose redaction failed: never the clear text. */
export const REDACTION_FAILED = '<REDACTED:failed>'

/* Written by core and the adapters themselves, out of closed vocabularies. */
const EXEMPT_METADATA =
  /^(?:gen_ai\.(?!agent\.name$|tool\.definitions$)|trulayer\.(?!reason$)|cost_usd$)/

/**
 * A trace whose texts from the host have all passed `redaction`: names, inputs, outputs, errors, metadata, tags and
 * events, their object keys and the leaves of JSON inside strings, at any depth. Ids, models and what core writes itself
 * stay.
 */
export function redactTrace(trace: FinishedTrace, redaction: Redaction): FinishedTrace {
  if (redaction === false) {
    return trace
  }
  const redact = guarded(redaction)
  const inTrace = (field: RedactionContext['field']): Walker =>
    walker((value) => redact(value, { field, name: trace.name }))
  return {
    ...trace,
    name: inTrace('name').text(trace.name),
    input: inTrace('input').optional(trace.input),
    output: inTrace('output').optional(trace.output),
    error: trace.error === undefined ? undefined : inTrace('error').text(trace.error),
    tags: inTrace('tags').strings(trace.tags),
    metadata: redactMetadata(trace.metadata, inTrace('metadata')),
    spans: trace.spans.map((span) => redactSpan(span, redact)),
    events: trace.events.map((event) => redactEvent(event, trace.name, redact)),
  }
}

function redactSpan(span: FinishedSpan, redact: RedactFunction): FinishedSpan {
  const inSpan = (field: RedactionContext['field']): Walker =>
    walker((value) => redact(value, { field, spanType: span.type, name: span.name }))
  return {
    ...span,
    name: inSpan('name').text(span.name),
    input: inSpan('input').optional(span.input),
    output: inSpan('output').optional(span.output),
    error: span.error === undefined ? undefined : inSpan('error').text(span.error),
    metadata: redactMetadata(span.metadata, inSpan('metadata')),
  }
}

function redactEvent(event: TraceEvent, name: string, redact: RedactFunction): TraceEvent {
  const inEvent = walker((value) => redact(value, { field: 'event', name }))
  return {
    ...event,
    message: inEvent.text(event.message),
    metadata: redactMetadata(event.metadata, inEvent),
  }
}

function redactMetadata(metadata: JsonObject, walk: Walker): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) =>
      EXEMPT_METADATA.test(key) ? [key, value] : [walk.text(key), walk.value(value)],
    ),
  )
}

function guarded(redaction: RedactFunction | TextRedactor): RedactFunction {
  return (value, context) => {
    try {
      const answer: unknown =
        typeof redaction === 'function'
          ? redaction(value, context)
          : redaction.redact(value, context)
      return typeof answer === 'string' ? answer : REDACTION_FAILED
    } catch {
      // The clear text must not leave because of a fault in the host's function.
      return REDACTION_FAILED
    }
  }
}

interface Walker {
  text(value: string): string
  strings(value: Readonly<Record<string, string>>): Record<string, string>
  value(value: JsonValue): JsonValue
  optional(value: JsonValue | undefined): JsonValue | undefined
}

function walker(redact: (value: string) => string): Walker {
  const text = (value: string): string =>
    value === '' ? value : (redactJsonText(value, walk) ?? redact(value))
  const walk = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') {
      return text(value)
    }
    if (typeof value !== 'object' || value === null) {
      return value
    }
    return isList(value)
      ? value.map(walk)
      : Object.fromEntries(Object.entries(value).map(([key, entry]) => [redact(key), walk(entry)]))
  }
  return {
    text,
    strings: (value) =>
      Object.fromEntries(Object.entries(value).map(([key, entry]) => [redact(key), text(entry)])),
    value: walk,
    optional: (value) => (value === undefined ? undefined : walk(value)),
  }
}

/* Tools hand JSON around as text, where escapes would hide a secret from a pattern. */
function redactJsonText(value: string, walk: (value: JsonValue) => JsonValue): string | undefined {
  const first = value.trimStart()[0]
  if (first !== '{' && first !== '[') {
    return undefined
  }
  try {
    const parsed: unknown = JSON.parse(value)
    return isContainer(parsed) ? JSON.stringify(walk(parsed)) : undefined
  } catch {
    // Text that merely begins like JSON, or JSON deeper than the stack: it is redacted as text.
    return undefined
  }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/* What JSON.parse returns is a JSON value. */
function isContainer(value: unknown): value is JsonValue {
  return typeof value === 'object' && value !== null
}
