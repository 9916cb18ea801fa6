import { type SessionContext, suppressed, withRun, withSessionContext } from '../record/context.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Run, RunFields, RunStart, Tags } from '../record/run.ts'
import { wallClock } from '../runtime/clock.ts'
import {
  cleanOptions,
  kinds,
  oneOf,
  type OptionKinds,
  sessionKinds,
} from '../shape/check-options.ts'
import { errorText } from '../shape/error-text.ts'
import { functionError } from '../shape/function-error.ts'
import { createId } from '../shape/ids.ts'
import type { SpanType } from '../shape/trace.ts'
import type { Usage } from '../shape/usage.ts'
import type { OnceLogger } from './logger.ts'

/** The options of `span`. Its type alone may take their place. */
export interface SpanOptions {
  /** @defaultValue `other` */
  readonly type?: SpanType | undefined
  /** What it is given. */
  readonly input?: unknown
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** What a function that runs inside a span returns: anything, or a promise of it. */
export type Work<Result> = (span: Span) => Result | PromiseLike<Result>

/**
 * A span that is under way, in the hands of the host's own function. Every method may be called at any time and never
 * throws; after the trace has left it changes nothing.
 */
export interface Span {
  /** The span's id; for the trace itself, the trace's. A lower-case UUID. */
  readonly id: string
  /** The id of its trace, to be kept for feedback. */
  readonly traceId: string
  /** The session that the trace belongs to, as it is known by now. */
  readonly sessionId: string
  /** What it was given: a text, or anything that can be JSON. */
  setInput(input: unknown): void
  /** What came out. Without a call, what the function returns is taken where it is plain data. */
  setOutput(output: unknown): void
  /** The model that was asked for, on spans of the type `llm`. */
  setModel(model: string): void
  /** Tokens of the call, on spans of the type `llm`. What is unknown is left out. */
  setTokens(tokens: Usage): void
  /** What it cost, in US dollars. */
  setCost(usd: number): void
  /** Merges into the metadata. Small values: they are indexed. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): void
  /** Sets a tag of the trace, wherever it is called. */
  setTag(key: string, value: string): void
  /** Marks it as failed, for a failure that the program handled. What the function throws is recorded anyway. */
  setError(error: unknown): void
  /** Runs `work` in a span below this one, of the type `other`. */
  span<Result>(name: string, work: Work<Result>): Promise<Awaited<Result>>
  /** Runs `work` in a span below this one. */
  span<Result>(
    name: string,
    options: SpanType | SpanOptions,
    work: Work<Result>,
  ): Promise<Awaited<Result>>
  /** Notes something that happened now. */
  event(
    message: string,
    details?: {
      readonly level?: 'info' | 'warn' | 'error' | undefined
      readonly metadata?: Readonly<Record<string, unknown>> | undefined
    },
  ): void
}

/** Where spans are recorded, and where mistakes in what they are given are reported. */
export interface Tracer {
  readonly recorder: Recorder
  readonly logger: OnceLogger
}

/** The handle of a run. */
export function createSpan(tracer: Tracer, run: Run): Span {
  return createHandle(tracer, run, run.parent === undefined && run.type === 'other')
}

/** The handle of the trace that a run belongs to, also of one whose root is a call and so a span as well. */
export function createTraceHandle(tracer: Tracer, root: Run): Span {
  return createHandle(tracer, root, true)
}

const FIELDS: OptionKinds = {
  model: [kinds.string],
  usage: [kinds.record],
  // NaN included, as the price of a model without one often is: that is left out without a warning.
  cost: [{ name: 'a number', accepts: (value) => typeof value === 'number' }],
  metadata: [kinds.record],
}

const EVENT_OPTIONS: OptionKinds = {
  level: [oneOf('info', 'warn', 'error')],
  metadata: [kinds.record],
}

function createHandle(tracer: Tracer, run: Run, isTrace: boolean): Span {
  const { recorder } = tracer
  const update = (owner: string, fields: RunFields): void =>
    recorder.update(run, clean(tracer, owner, fields, FIELDS))
  return {
    id: isTrace ? run.turn.id : run.id,
    traceId: run.turn.id,
    get sessionId() {
      return run.turn.sessionId
    },
    setInput: (input) => recorder.update(run, { input }),
    setOutput: (output) => recorder.update(run, { output }),
    setModel: (model) => update('setModel()', { model }),
    setTokens: (usage) => update('setTokens()', { usage }),
    setCost: (cost) => update('setCost()', { cost }),
    setMetadata: (metadata) => update('setMetadata()', { metadata }),
    setTag: (key, value) => recorder.update(run, { tags: { [key]: value } }),
    setError: (error) => recorder.update(run, { handledError: error }),
    span: <Result>(name: string, options: OptionsOrWork<Result>, work?: Work<Result>) =>
      runSpan(tracer, { name, options, work, parent: run }),
    event: (message, details = {}) =>
      recorder.event(run, messageText(message), clean(tracer, 'event()', details, EVENT_OPTIONS)),
  }
}

/* What is not recorded still has ids, for programs that keep them. */
function createSilentSpan(): Span {
  const id = createId(wallClock())
  return {
    id,
    traceId: id,
    sessionId: id,
    setInput: ignore,
    setOutput: ignore,
    setModel: ignore,
    setTokens: ignore,
    setCost: ignore,
    setMetadata: ignore,
    setTag: ignore,
    setError: ignore,
    span: <Result>(_name: string, options: OptionsOrWork<Result>, last?: Work<Result>) => {
      const work = workOf(options, last)
      return isWork<Result>(work) ? invoke(() => work(createSilentSpan())) : refuse(SPAN, work)
    },
    event: ignore,
  }
}

/* For callers without a type checker, who pass errors too. */
function messageText(message: unknown): string {
  return typeof message === 'string'
    ? message
    : typeof message === 'number'
      ? String(message)
      : errorText(message)
}

function ignore(): void {}

const TRACE = 'trace(name, work, options)'
const SPAN = 'span(name, options, work)'

const TRACE_OPTIONS = {
  ...sessionKinds,
  input: [kinds.any],
  externalId: [kinds.id],
  id: [kinds.string],
  newTrace: [kinds.boolean],
} as const satisfies Record<keyof TraceOptions, unknown>

const SPAN_OPTIONS = {
  type: [oneOf('llm', 'tool', 'retrieval', 'other')],
  input: [kinds.any],
  metadata: [kinds.record],
} as const satisfies Record<keyof SpanOptions, unknown>

const SESSION_OPTIONS = {
  ...sessionKinds,
  traceName: [kinds.string],
} as const satisfies Record<keyof SessionContext, unknown>

/** What `trace` does. */
export function runTrace<Result>(
  tracer: Tracer,
  name: string,
  work: Work<Result>,
  options: TraceOptions,
): Promise<Awaited<Result>> {
  if (!isWork(work)) {
    return refuse(TRACE, work)
  }
  const { id, ...fields } = clean(tracer, 'trace()', options, TRACE_OPTIONS)
  const start = { ...fields, name: nameOf(tracer, name, 'trace()'), traceId: id }
  return runInSpan(tracer, { ...start, type: 'other' }, inSession(fields, work))
}

/*
 * A function may return while something that it has started goes on, as a route does that returns a stream. What starts
 * there after the trace has left is a trace of its own, of the same session and user.
 */
function inSession<Result>(
  { sessionId, userId }: Pick<TraceOptions, 'sessionId' | 'userId'>,
  work: Work<Result>,
): Work<Result> {
  return sessionId === undefined && userId === undefined
    ? work
    : (span) => withSessionContext({ sessionId, userId }, () => work(span))
}

/** The second argument of `span`, which is the function where there are no options. */
export type OptionsOrWork<Result> = SpanType | SpanOptions | Work<Result>

/** The arguments of `span`. */
interface SpanCall<Result> {
  readonly name: string
  readonly options: OptionsOrWork<Result>
  readonly work: Work<Result> | undefined
  /** @defaultValue whatever is active */
  readonly parent?: Run | undefined
}

/** What `span` does. */
export function runSpan<Result>(
  tracer: Tracer,
  { name, options, work: last, parent }: SpanCall<Result>,
): Promise<Awaited<Result>> {
  const work = workOf(options, last)
  if (!isWork<Result>(work)) {
    return refuse(SPAN, work)
  }
  const given: SpanOptions =
    typeof options === 'string' ? { type: options } : isWork(options) ? {} : options
  const { type = 'other', input, metadata } = clean(tracer, 'span()', given, SPAN_OPTIONS)
  const start = { name: nameOf(tracer, name, 'span()'), type, input, metadata, parent }
  return runInSpan(tracer, start, work)
}

/** A session as it is laid over turns. */
export function cleanSession(tracer: Tracer, session: SessionContext): SessionContext {
  return clean(tracer, 'withSession()', session, SESSION_OPTIONS)
}

/* The last argument: a function before options is refused and not run without them. */
function workOf(options: unknown, last: unknown): unknown {
  return last === undefined && isWork(options) ? options : last
}

/* For callers without a type checker. */
function isWork<Result>(work: unknown): work is Work<Result> {
  return typeof work === 'function'
}

/* Not thrown, since whatever the function does wrong is a rejection too. */
function refuse(signature: string, work: unknown): Promise<never> {
  return Promise.reject(functionError(signature, 'work', work))
}

function nameOf({ logger }: Tracer, name: unknown, owner: string): string {
  if (typeof name === 'string') {
    return name
  }
  const message = `the name that ${owner} is given must be a string, not ${typeof name}.`
  logger.warn(message, message)
  return typeof name === 'number' ? String(name) : ''
}

function clean<Options extends object>(
  { logger }: Tracer,
  owner: string,
  options: Options,
  known: OptionKinds,
): Options {
  return cleanOptions(options, known, { owner, warn: (message) => logger.warn(message, message) })
}

/*
 * Runs the host's function inside a run. It is called at once, sees the run as the active one, and what it returns or
 * throws comes back unchanged.
 */
function runInSpan<Result>(
  tracer: Tracer,
  start: RunStart,
  work: Work<Result>,
): Promise<Awaited<Result>> {
  const { recorder } = tracer
  const run = recorder.start(start)
  if (run === undefined) {
    const silently = (): Result | PromiseLike<Result> => work(createSilentSpan())
    // What starts in a span of a trace that has left is as late as the span, and no trace of its own.
    return start.parent === undefined ? invoke(silently) : suppressed(() => invoke(silently))
  }
  return withRun(run, () => invoke(() => work(createSpan(tracer, run)))).then(
    (result) => {
      recorder.end(run, { output: outputOf(run, result) })
      return result
    },
    (error: unknown) => {
      recorder.fail(run, error)
      throw error
    },
  )
}

/* Waits where it was called: builders of queries and the like begin to work when they are waited for. */
async function invoke<Result>(work: () => Result | PromiseLike<Result>): Promise<Awaited<Result>> {
  return await work()
}

/*
 * The result of the host's function as the output of its span: plain data alone, since responses, streams and clients
 * say nothing as JSON. A trace takes no object when something ran inside, for then the final answer is known better.
 */
function outputOf(run: Run, result: unknown): unknown {
  if (run.output !== undefined || result === undefined) {
    return undefined
  }
  if (typeof result !== 'object' || result === null) {
    return typeof result === 'function' ? undefined : result
  }
  const isTraceOfOthers =
    run.parent === undefined && run.type === 'other' && run.turn.runs.length > 1
  return isTraceOfOthers || !isPlain(result) ? undefined : result
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}

/** The options of `trace`. What is not an option or has the wrong type is ignored with one warning. */
export interface TraceOptions {
  /** The conversation or run that the trace belongs to; never a user. */
  readonly sessionId?: string | undefined
  /** Who asked; stands in the metadata as `user.id`. */
  readonly userId?: string | undefined
  /** What it was given. @defaultValue what its first child was given */
  readonly input?: unknown
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Up to 20. */
  readonly tags?: Tags | undefined
  /** The host's own id of the request. */
  readonly externalId?: string | undefined
  /** The id that the trace is to have, a UUID that was not used before; anything else becomes `externalId`. */
  readonly id?: string | undefined
  /** True begins a trace of its own even inside an open one. */
  readonly newTrace?: boolean | undefined
}
