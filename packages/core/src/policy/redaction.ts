import { attributes } from '../shape/attributes.ts'
import type { JsonObject } from '../shape/json.ts'
import type { FinishedSpan, FinishedTrace, SpanType, TraceEvent } from '../shape/trace.ts'
import { pseudonymId } from './pseudonym.ts'
import { createTextWalker, type TextWalker } from './text-walker.ts'

/** Where a text stands. */
export interface RedactionContext {
  /**
   * `id` is one of the session, the user, the request outside or a tool call: where the answer is another, a pseudonym of
   * the id stands for it, so that what belongs together stays together.
   */
  readonly field:
    | 'name'
    | 'input'
    | 'output'
    | 'error'
    | 'metadata'
    | 'tags'
    | 'event'
    | 'comment'
    | 'id'
  /** The type of the span that it belongs to; `undefined` for the trace itself. */
  readonly spanType?: SpanType | undefined
  /** The name of the span or the trace, as it was before; empty for feedback. */
  readonly name: string
  /** The key of the nearest object that the text is a value in, in JSON inside strings too. */
  readonly key?: string | undefined
}

/** Answers with the text that may leave in place of `value`. */
export type RedactFunction = (value: string, context: RedactionContext) => string

/** Something that takes secrets out of texts. */
export interface TextRedactor {
  redact(value: string, context: RedactionContext): string
  /** What stands for an id that must not leave. Without it, a pseudonym by a key of this process. */
  pseudonym?(value: string): string
}

/** The option `redact`. */
export type Redaction = RedactFunction | TextRedactor | false

/** What stands for a text whose redaction failed: never the clear text. */
export const REDACTION_FAILED = '<REDACTED:failed>'

/* Of the keys that core and the adapters write, those whose values are words of the host. */
const HOST_WORDS: ReadonlySet<string> = new Set([
  attributes.agentName,
  attributes.toolDefinitions,
  attributes.requestStopSequences,
  attributes.exceptionStacktrace,
  attributes.deploymentEnvironment,
  attributes.reason,
  attributes.handoffTo,
  attributes.branch,
])

const ID_KEYS: ReadonlySet<string> = new Set([attributes.userId, attributes.toolCallId])

/* A closed list: what merely begins like one of them may be anybody's. */
const EXEMPT_KEYS: ReadonlySet<string> = new Set(
  Object.values(attributes).filter((key) => !HOST_WORDS.has(key) && !ID_KEYS.has(key)),
)

/**
 * A trace whose texts from the host have all passed `redaction`: names, inputs, outputs, errors, metadata, tags and
 * events, their object keys and the leaves of JSON inside strings, at any depth. Ids of the host become pseudonyms where
 * they hold what is to go. What core writes itself stays.
 */
export function redactTrace(trace: FinishedTrace, redaction: Redaction): FinishedTrace {
  if (redaction === false) {
    return trace
  }
  const redact = guarded(redaction)
  const toId = idMapper(redaction, redact, trace.name)
  const walker = (field: RedactionContext['field']): TextWalker =>
    createTextWalker((value, key) => redact(value, { field, name: trace.name, key }), toId)
  const event = walker('event')
  return {
    ...trace,
    name: walker('name').text(trace.name),
    sessionId: toId(trace.sessionId),
    userId: trace.userId === undefined ? undefined : toId(trace.userId),
    externalId: trace.externalId === undefined ? undefined : toId(trace.externalId),
    input: trace.input === undefined ? undefined : walker('input').value(trace.input),
    output: trace.output === undefined ? undefined : walker('output').value(trace.output),
    error: trace.error === undefined ? undefined : walker('error').text(trace.error),
    tags: redactTags(trace.tags, walker('tags')),
    metadata: redactMetadata(trace.metadata, walker('metadata'), toId),
    spans: trace.spans.map((span) => redactSpan(span, redact, toId)),
    events: trace.events.map((one) => redactEvent(one, event, toId)),
  }
}

function redactSpan(span: FinishedSpan, redact: RedactFunction, toId: MapId): FinishedSpan {
  const walker = (field: RedactionContext['field']): TextWalker =>
    createTextWalker(
      (value, key) => redact(value, { field, spanType: span.type, name: span.name, key }),
      toId,
    )
  return {
    ...span,
    name: walker('name').text(span.name),
    input: span.input === undefined ? undefined : walker('input').value(span.input),
    output: span.output === undefined ? undefined : walker('output').value(span.output),
    error: span.error === undefined ? undefined : walker('error').text(span.error),
    metadata: redactMetadata(span.metadata, walker('metadata'), toId),
  }
}

function redactEvent(event: TraceEvent, walker: TextWalker, toId: MapId): TraceEvent {
  return {
    ...event,
    message: walker.text(event.message),
    metadata: redactMetadata(event.metadata, walker, toId),
  }
}

function redactTags(
  tags: Readonly<Record<string, string>>,
  walker: TextWalker,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [walker.text(key), walker.text(value, key)]),
  )
}

function redactMetadata(metadata: JsonObject, walker: TextWalker, toId: MapId): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => {
      if (EXEMPT_KEYS.has(key)) {
        return [key, value]
      }
      return ID_KEYS.has(key) && typeof value === 'string'
        ? [key, toId(value)]
        : [walker.text(key), walker.value(value, key)]
    }),
  )
}

/** What of feedback is the host's: the comment and the metadata. */
export interface FeedbackTexts {
  readonly comment?: string | undefined
  readonly metadata?: JsonObject | undefined
}

/** The comment and the metadata of feedback as they may leave. */
export function redactFeedback(texts: FeedbackTexts, redaction: Redaction): FeedbackTexts {
  if (redaction === false) {
    return texts
  }
  const redact = guarded(redaction)
  const toId = idMapper(redaction, redact, '')
  const walker = (field: RedactionContext['field']): TextWalker =>
    createTextWalker((value, key) => redact(value, { field, name: '', key }), toId)
  return {
    comment: texts.comment === undefined ? undefined : walker('comment').text(texts.comment),
    metadata:
      texts.metadata === undefined
        ? undefined
        : redactMetadata(texts.metadata, walker('metadata'), toId),
  }
}

type MapId = (id: string) => string

/* A mark would make one of all ids. */
function idMapper(
  redaction: Exclude<Redaction, false>,
  redact: RedactFunction,
  name: string,
): MapId {
  return (id) => {
    if (redact(id, { field: 'id', name }) === id) {
      return id
    }
    try {
      const pseudonym: unknown =
        typeof redaction === 'object' ? redaction.pseudonym?.(id) : undefined
      return typeof pseudonym === 'string' ? pseudonym : pseudonymId(id)
    } catch {
      return pseudonymId(id)
    }
  }
}

function guarded(redaction: Exclude<Redaction, false>): RedactFunction {
  return (value, context) => {
    try {
      const answer: unknown =
        typeof redaction === 'function'
          ? redaction(value, context)
          : redaction.redact(value, context)
      if (typeof answer === 'string') {
        return answer
      }
      swallow(answer)
    } catch {
      // The clear text must not leave because of a fault in the host's function.
    }
    return REDACTION_FAILED
  }
}

/* A promise that is refused here may be rejected later, and nobody else would hear of it. */
function swallow(answer: unknown): void {
  if (answer instanceof Promise) {
    answer.catch(() => undefined)
  }
}
