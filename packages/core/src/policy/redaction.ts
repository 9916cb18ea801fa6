import { attributes } from '../shape/attributes.ts'
import type { JsonObject, JsonValue } from '../shape/json.ts'
import { isReason } from '../shape/reasons.ts'
import type { FinishedSpan, FinishedTrace, SpanType, TraceEvent } from '../shape/trace.ts'
import { pseudonymId } from './pseudonym.ts'
import { REDACTION_FAILED } from './redaction-failed.ts'
import { swallow } from './swallow.ts'
import { createTextWalker, type TextWalker } from './text-walker.ts'
import { fromEntries } from './unique-keys.ts'

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
  /**
   * The key of the nearest object that the text is a value in, in JSON inside strings too; where a key further out hides
   * everything under it, that key.
   */
  readonly key?: string | undefined
}

/** Answers with the text that may leave in place of `value`. */
export type RedactFunction = (value: string, context: RedactionContext) => string

/** Something that takes secrets out of texts. */
export interface TextRedactor {
  redact(value: string, context: RedactionContext): string
  /** What stands for an id that must not leave. Without it, a pseudonym by a key of this process. */
  pseudonym?(value: string): string
  /**
   * Whether every value under that key is removed: numbers are passed to `redact` then, however short they are, and
   * so is everything inside objects and lists under it, with this key.
   */
  hides?(key: string): boolean
  /**
   * True where the answer depends on nothing but the text, and on whether its key hides it. Equal texts of a trace are then
   * looked at once: each model call holds the whole conversation before it.
   *
   * @defaultValue false
   */
  readonly ignoresContext?: boolean | undefined
}

/** The option `redact`. */
export type Redaction = RedactFunction | TextRedactor | false

/* Of the keys that core and the adapters write, those whose values are words of the host. */
const HOST_WORDS: ReadonlySet<string> = new Set([
  attributes.agentName,
  attributes.toolDefinitions,
  attributes.responseSchema,
  attributes.requestStopSequences,
  attributes.exceptionStacktrace,
  attributes.deploymentEnvironment,
  attributes.reason,
  attributes.handoffTo,
  attributes.branch,
])

/* In a schema `password` is the name of a parameter, and the value describes that parameter. */
const SCHEMA_KEYS: ReadonlySet<string> = new Set([
  attributes.toolDefinitions,
  attributes.responseSchema,
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
  const walkers = walkersOf(redaction, trace.name)
  const { toId, walker } = walkers
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
    metadata: redactMetadata(trace.metadata, withOurs(walkers)),
    spans: trace.spans.map((span) => redactSpan(span, redaction, walkers)),
    events: trace.events.map((one) => redactEvent(one, event, toId)),
  }
}

function redactSpan(
  span: FinishedSpan,
  redaction: Exclude<Redaction, false>,
  ofTrace: Walkers,
): FinishedSpan {
  const walkers = walkersOf(redaction, span.name, { spanType: span.type, ofTrace })
  const { walker } = walkers
  return {
    ...span,
    name: walker('name').text(span.name),
    input: span.input === undefined ? undefined : walker('input').value(span.input),
    output: span.output === undefined ? undefined : walker('output').value(span.output),
    error: span.error === undefined ? undefined : walker('error').text(span.error),
    metadata: redactMetadata(span.metadata, withOurs(walkers)),
  }
}

function redactEvent(event: TraceEvent, walker: TextWalker, toId: MapId): TraceEvent {
  return {
    ...event,
    message: walker.text(event.message),
    metadata: redactMetadata(event.metadata, { walker, toId }),
  }
}

function redactTags(
  tags: Readonly<Record<string, string>>,
  walker: TextWalker,
): Record<string, string> {
  return fromEntries(Object.entries(tags).map(([key, value]) => redactTag({ key, value }, walker)))
}

/* A tag of a list was one text, which we took apart at its first colon: it is looked at as that too. */
function redactTag(
  { key, value }: { readonly key: string; readonly value: string },
  walker: TextWalker,
): readonly [string, string] {
  const cleanKey = walker.text(key)
  const cleanValue = walker.text(value, key)
  const tag = `${key}:${value}`
  const clean = walker.text(tag)
  if (clean === tag || clean === `${cleanKey}:${cleanValue}`) {
    return [cleanKey, cleanValue]
  }
  return clean.startsWith(`${key}:`)
    ? [cleanKey, walker.text(clean.slice(key.length + 1), key)]
    : [clean, clean]
}

interface MetadataRedaction {
  /** The walker for schemas; that of the other entries where it is omitted. */
  readonly schemaWalker?: () => TextWalker
  readonly walker: TextWalker
  readonly toId: MapId
  /** Whether core wrote that entry. */
  readonly exempts?: (key: string, value: JsonValue) => boolean
}

/* Of a trace and its spans, where core and the adapters write entries of their own. */
function withOurs(walkers: Walkers): MetadataRedaction {
  return { ...walkers, walker: walkers.walker('metadata'), exempts: isOurs }
}

function redactMetadata(
  metadata: JsonObject,
  { walker, schemaWalker = () => walker, toId, exempts = () => false }: MetadataRedaction,
): JsonObject {
  return fromEntries(
    Object.entries(metadata).map(([key, value]): [string, JsonValue] => {
      if (exempts(key, value)) {
        return [key, value]
      }
      if (ID_KEYS.has(key) && typeof value === 'string') {
        return [key, toId(value)]
      }
      const ofValue = SCHEMA_KEYS.has(key) ? schemaWalker() : walker
      return [EXEMPT_KEYS.has(key) ? key : walker.text(key), ofValue.value(value, key)]
    }),
  )
}

/* Core writes words and numbers, lists of words, and reasons of its closed list. */
function isOurs(key: string, value: JsonValue): boolean {
  if (key === attributes.reason) {
    return isReason(value)
  }
  return (
    EXEMPT_KEYS.has(key) &&
    (typeof value !== 'object' ||
      (Array.isArray(value) && value.every((entry: unknown) => typeof entry !== 'object')))
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
  const { toId, walker } = walkersOf(redaction, '')
  return {
    comment: texts.comment === undefined ? undefined : walker('comment').text(texts.comment),
    metadata:
      texts.metadata === undefined
        ? undefined
        : redactMetadata(texts.metadata, { walker: walker('metadata'), toId }),
  }
}

type MapId = (id: string) => string

interface Walkers {
  readonly toId: MapId
  /** Texts that were looked at before. */
  readonly known: Map<string, string> | undefined
  readonly walker: (field: RedactionContext['field']) => TextWalker
  /** That of the schemas in metadata. */
  readonly schemaWalker: () => TextWalker
}

/* The walkers of one trace or span. */
function walkersOf(
  redaction: Exclude<Redaction, false>,
  name: string,
  span?: { readonly spanType: SpanType; readonly ofTrace: Walkers },
): Walkers {
  const redact = guarded(redaction)
  const hides = (key: string): boolean => {
    try {
      return typeof redaction === 'object' && redaction.hides?.(key) === true
    } catch {
      // Of the host, and nobody knows what it wanted to say.
      return true
    }
  }
  const known =
    span === undefined && typeof redaction === 'object' && redaction.ignoresContext === true
      ? new Map<string, string>()
      : span?.ofTrace.known
  const create = (field: RedactionContext['field'], toId: MapId, hidesBelow = true): TextWalker =>
    createTextWalker({
      redact: (value, key) => redact(value, { field, spanType: span?.spanType, name, key }),
      toId,
      hides,
      hidesBelow,
      known: hidesBelow ? known : undefined,
    })
  const toId =
    span?.ofTrace.toId ??
    idMapper(
      redaction,
      create('id', (id) => id),
    )
  return {
    toId,
    known,
    walker: (field) => create(field, toId),
    schemaWalker: () => create('metadata', toId, false),
  }
}

/* A mark would make one of all ids. */
function idMapper(redaction: Exclude<Redaction, false>, walker: TextWalker): MapId {
  return (id) => {
    if (walker.text(id) === id) {
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
