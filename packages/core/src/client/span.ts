import { suppressed, withRun } from '../record/context.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Run, RunStart, Tags } from '../record/run.ts'
import { wallClock } from '../runtime/clock.ts'
import { createId } from '../shape/ids.ts'
import type { SpanType } from '../shape/trace.ts'
import type { Usage } from '../shape/usage.ts'

/** What `span` may be told besides its name, in place of the bare type. */
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

/** The handle of a run. */
export function createSpan(recorder: Recorder, run: Run): Span {
  return createHandle(recorder, run, run.parent === undefined && run.type === 'other')
}

/** The handle of the trace that a run belongs to, also of one whose root is a call and so a span as well. */
export function createTraceHandle(recorder: Recorder, root: Run): Span {
  return createHandle(recorder, root, true)
}

function createHandle(recorder: Recorder, run: Run, isTrace: boolean): Span {
  return {
    id: isTrace ? run.turn.id : run.id,
    traceId: run.turn.id,
    get sessionId() {
      return run.turn.sessionId
    },
    setInput: (input) => recorder.update(run, { input }),
    setOutput: (output) => recorder.update(run, { output }),
    setModel: (model) => recorder.update(run, { model }),
    setTokens: (usage) => recorder.update(run, { usage }),
    setCost: (cost) => recorder.update(run, { cost }),
    setMetadata: (metadata) => recorder.update(run, { metadata }),
    setTag: (key, value) => recorder.update(run, { tags: { [key]: value } }),
    setError: (error) => recorder.update(run, { handledError: error }),
    span: (name, options, work) =>
      runInSpan(recorder, { ...toRunStart(name, options), parent: run }, work),
    event: (message, details) => recorder.event(run, message, details),
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
    span: (_name, _options, work) => invoke(() => work(createSilentSpan())),
    event: ignore,
  }
}

function ignore(): void {}

/** What `span(name, options)` starts. */
export function toRunStart(name: string, options: SpanType | SpanOptions): RunStart {
  return typeof options === 'string'
    ? { name, type: options }
    : { name, type: options.type ?? 'other', input: options.input, metadata: options.metadata }
}

/**
 * Runs the host's function inside a run. It is called at once, sees the run as the active one, and what it returns or
 * throws comes back unchanged.
 */
export function runInSpan<Result>(
  recorder: Recorder,
  start: RunStart,
  work: Work<Result>,
): Promise<Awaited<Result>> {
  const run = recorder.start(start)
  if (run === undefined) {
    const silently = (): Result | PromiseLike<Result> => work(createSilentSpan())
    // What starts in a span of a trace that has left is as late as the span, and no trace of its own.
    return start.parent === undefined ? invoke(silently) : suppressed(() => invoke(silently))
  }
  return withRun(run, () => invoke(() => work(createSpan(recorder, run)))).then(
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

/** What `trace` may be told. */
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
