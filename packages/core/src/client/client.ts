import { capturesOf } from '../deliver/captures.ts'
import type { DeliveryProblem, ExportDeadline } from '../deliver/exporter.ts'
import {
  assertFeedback,
  type Feedback,
  type FeedbackResult,
  refuseFeedback,
} from '../deliver/feedback.ts'
import { MemoryExporter, traceMemory } from '../deliver/memory-exporter.ts'
import { Pipeline } from '../deliver/pipeline.ts'
import { loadReplayFile } from '../deliver/replay-file.ts'
import { TruLayerExporter } from '../deliver/trulayer-exporter.ts'
import { applyPolicy, type Policy, resolveRedaction } from '../policy/policy.ts'
import { type Redaction, redactTrace } from '../policy/redaction.ts'
import {
  currentFrame,
  type SessionContext,
  suppressed,
  withSessionContext,
} from '../record/context.ts'
import { guard } from '../record/guard.ts'
import { Recorder } from '../record/recorder.ts'
import { provideAsyncStorage } from '../runtime/async-context.ts'
import {
  isBrowser,
  isLambda,
  isLongLived,
  isSupportedRuntime,
  isTestRun,
  runtimeName,
} from '../runtime/environment.ts'
import { monotonicClock } from '../runtime/clock.ts'
import { type Finisher, onExit } from '../runtime/exit.ts'
import { fetchFromPage, onPageEnd, sendWithPage } from '../runtime/page.ts'
import { sendInChild } from '../runtime/send-in-child.ts'
import { shared } from '../runtime/shared-state.ts'
import { sleep } from '../runtime/timers.ts'
import { hasRequestContext } from '../runtime/wait-until.ts'
import { attributes } from '../shape/attributes.ts'
import { cleanOptions, kinds, oneOf, type OptionKinds } from '../shape/check-options.ts'
import { toUuid } from '../shape/ids.ts'
import { functionError } from '../shape/function-error.ts'
import { spanTree } from '../shape/span-tree.ts'
import type { FinishedTrace, SpanType, TraceSource } from '../shape/trace.ts'
import { toWireTrace } from '../shape/wire.ts'
import { cleanFeedback } from './clean-feedback.ts'
import { unusableKey } from './check-key.ts'
import { askCostOf } from './cost-of.ts'
import { TruLayerError } from '../shape/trulayer-error.ts'
import { type ClientInternals, INTERNALS } from './client-internals.ts'
import { FeedbackGate } from './feedback-gate.ts'
import { createLogger, type OnceLogger } from './logger.ts'
import {
  checkClientOptions,
  environmentKey,
  type Mode,
  readEnvironment,
  type TruLayerOptions,
} from './options.ts'
import { DEFINITION_BYTES, recorderLimits } from './recorder-limits.ts'
import { relayEndpoint } from './relay-endpoint.ts'
import { RequestFlush } from './request-flush.ts'
import {
  createSpan,
  createTraceHandle,
  runSpan,
  runTrace,
  cleanSession,
  type Span,
  type SpanOptions,
  type OptionsOrWork,
  type Tracer,
  type TraceOptions,
  type Work,
} from './span.ts'

/** What a flush achieved. */
export interface FlushResult {
  /** Traces that the receiver took since the flush began. */
  readonly delivered: number
  /** Traces that are still waiting or under way. */
  readonly pending: number
  /** Traces that were given up since the flush began. */
  readonly dropped: number
}

/** What to wait for. */
export interface FlushOptions {
  /** Milliseconds. @defaultValue 10000 */
  readonly timeout?: number | undefined
  /** `close` ends every open turn first, as `incomplete`. Without it a turn that is still running is never cut. */
  readonly open?: 'close' | undefined
}

/** Counts since the client was made. */
export interface ClientStats {
  readonly traces: {
    readonly recorded: number
    readonly sampledOut: number
    readonly sent: number
    /** Traces given up, by reason. */
    readonly dropped: Readonly<Record<string, number>>
    /** Traces that wait to be sent. */
    readonly queued: number
    /** Traces in requests that are not answered yet. */
    readonly inFlight: number
    /** Traces that are on disk, where the next start or a better time delivers them. */
    readonly spooled: number
    /** Traces of earlier processes that were taken from disk, in none of the above before. */
    readonly recovered: number
    /** Turns that are under way. */
    readonly open: number
    /** Runs that came when their trace had left. */
    readonly late: number
    /** Open turns that left before their end because a bound was reached, by bound. They are sent all the same. */
    readonly cut: Readonly<Record<string, number>>
  }
  readonly spans: {
    readonly recorded: number
    /** Spans left out, by reason. */
    readonly dropped: Readonly<Record<string, number>>
  }
  readonly requests: number
  readonly retries: number
  /**
   * `disabled` without a usable key and without an exporter, or on a runtime that is too old; `off` in mode `off`;
   * `waiting` while the service does not answer or asks to wait; `stopped` after it refused for good; `closed` after
   * shutdown.
   */
  readonly state: 'active' | 'waiting' | 'stopped' | 'disabled' | 'off' | 'closed'
}

const SHUTDOWN_OPTIONS = { timeout: [kinds.number] }
const FLUSH_OPTIONS = { timeout: [kinds.number], open: [oneOf('close')] }

const DEFAULT_ENDPOINT = 'https://api.trulayer.ai'
const DEFAULT_FLUSH_TIMEOUT = 10_000
const FEEDBACK_TIMEOUT = 30_000
/* Milliseconds until a client that delivers elsewhere looks for a key again. */
const KEY_PAUSE = 1000
const NO_KEY =
  'no API key, so nothing is recorded: set TRULAYER_API_KEY or pass `apiKey`; without an account set TRULAYER_MODE=local.'
const DISABLED = 'there is no usable API key: set TRULAYER_API_KEY or pass `apiKey`'
const LOCAL = 'mode local: traces stay in this process and nothing is sent.'
const HOW_TO_LOOK =
  'To see them set TRULAYER_DEBUG=1 or read them with `lastTrace()` or `captureTraces()` of @trulayer/core/testing.'
/* Why nothing is recorded is said once, by the first that knows it. */
const UNUSABLE = 'nothing-recorded'
const NO_RELAY =
  'no `relayUrl`, so nothing is recorded: mount `createRelay()` on your server and say where.'

/* Whether this process has printed `LOCAL`, whichever client or copy did. */
const localNotice = /* @__PURE__ */ shared('local-notice', () => ({ isPrinted: false }))

/**
 * Records turns and delivers their traces. Making one opens no socket and starts no timer, so that it may stand at module
 * scope anywhere.
 *
 * @example
 * ```ts
 * const trulayer = new TruLayer({ apiKey: process.env.TRULAYER_API_KEY, projectName: 'support' })
 * const answer = await trulayer.trace('answer', async (trace) => {
 *   trace.setInput(question)
 *   return await agent(question)
 * })
 * ```
 */
export class TruLayer {
  /** @internal */
  readonly [INTERNALS]: unknown
  readonly #options: TruLayerOptions
  readonly #isSupported: boolean
  readonly #mode: Mode
  readonly #isDebugging: boolean
  readonly #isLongLived = isLongLived()
  readonly #logger: OnceLogger
  readonly #redaction: Redaction
  readonly #recorder: Recorder
  readonly #tracer: Tracer
  readonly #pipeline: Pipeline
  readonly #requestFlush: RequestFlush
  readonly #feedbackGate = new FeedbackGate()
  readonly #problemListeners = new Set<(problem: DeliveryProblem) => void>()
  #transport: TruLayerExporter | undefined
  #askedForKeyAt = Number.NEGATIVE_INFINITY
  #isClosed = false
  #unhook: (() => void) | undefined
  #recordedAtExit = 0
  #feedbackAtExit = 0
  /* Deliveries at an end of the process that are still running. */
  #finishing = 0
  /* Recorded elsewhere. */
  readonly #accepted = { traces: 0, spans: 0 }
  #droppedAtFlush = 0
  #lastProblem: DeliveryProblem | undefined
  #shutdown: Promise<FlushResult> | undefined

  /**
   * @throws TruLayerError `invalid-option` for an option of the wrong type, `key-in-browser` for a key in a page. What the
   *   environment holds never throws.
   */
  constructor(options: TruLayerOptions = {}) {
    this.#isSupported = isSupportedRuntime()
    const unknownOptions = this.#isSupported ? checkClientOptions(options) : []
    if (options.apiKey !== undefined && isBrowser()) {
      throw new TruLayerError(
        'key-in-browser',
        'an API key in a browser can be read by everybody who opens the page: keep it on your server, mount `createRelay()` there, and set `relayUrl` here.',
      )
    }
    const complaints: string[] = []
    const environment: ReturnType<typeof readEnvironment> = this.#isSupported
      ? readEnvironment((message) => complaints.push(message))
      : {}
    this.#options = { ...environment, ...withoutUndefined(options) }
    this.#mode = this.#options.mode ?? 'live'
    this.#isDebugging = this.#options.debug !== undefined && this.#options.debug !== false
    this.#logger = createLogger({ logger: this.#options.logger, debug: this.#isDebugging })
    for (const message of [...complaints, ...unknownOptions]) {
      this.#logger.warn(message, message)
    }
    if (this.#options.asyncLocalStorage !== undefined) {
      provideAsyncStorage(this.#options.asyncLocalStorage)
    }
    this.#redaction = this.#isSupported ? resolveRedaction(this.#options.redact) : false
    this.#pipeline = this.#createPipeline()
    this.#recorder = this.#createRecorder()
    this.#tracer = { recorder: this.#recorder, logger: this.#logger }
    this.#requestFlush = new RequestFlush({
      waitUntil: this.#options.waitUntil,
      logger: this.#logger,
      flush: (within) => this.#pipeline.flush(within),
    })
    this[INTERNALS] = {
      recorder: this.#recorder,
      logger: this.#logger,
      accept: (trace) => this.#accept(trace),
      isShutDown: () => this.#shutdown !== undefined,
      drain: () => {
        this.#recorder.settle()
        this.#pipeline.drain()
      },
      waitUntil: this.#options.waitUntil,
      flush: (timeout) => this.#flush({ timeout, polls: true }),
    } satisfies ClientInternals
    this.#addExporters(environment.replayFile)
    if (this.#isDebugging) {
      this.onTrace((trace) => this.#printTree(trace))
    }
    if (this.#options.debug === 'payload') {
      const { projectName } = this.#options
      this.onTrace((trace) =>
        this.#logger.debug(JSON.stringify(toWireTrace(trace, { projectName }))),
      )
    }
  }

  /**
   * Runs `work` as one turn: one trace, which ends when the function does and leaves when everything in it has ended.
   * Inside an open trace it is a span of that one, unless `newTrace` is set.
   *
   * @returns what the function returns; what it throws is recorded and thrown on, the same object. It rejects with a
   *   TruLayerError `invalid-argument` when there is no function
   */
  trace<Result>(
    name: string,
    work: Work<Result>,
    options: TraceOptions = {},
  ): Promise<Awaited<Result>> {
    return runTrace(this.#tracer, name, work, options)
  }

  /**
   * Runs `work` as a span of the type `other` below whatever is active; where nothing is, as a trace of its own.
   *
   * @returns what the function returns; what it throws is recorded and thrown on, the same object. It rejects with a
   *   TruLayerError `invalid-argument` when there is no function
   */
  span<Result>(name: string, work: Work<Result>): Promise<Awaited<Result>>
  /**
   * The same with a type, an input and metadata.
   *
   * @param options - the type of the span, or its type, input and metadata
   */
  span<Result>(
    name: string,
    options: SpanType | SpanOptions,
    work: Work<Result>,
  ): Promise<Awaited<Result>>
  span<Result>(
    name: string,
    options: OptionsOrWork<Result>,
    work?: Work<Result>,
  ): Promise<Awaited<Result>> {
    return runSpan(this.#tracer, { name, options, work })
  }

  /**
   * Lays a session, a user, metadata, tags or a name over every turn that starts inside `work`.
   *
   * @returns what `work` returns
   * @throws TruLayerError `invalid-argument` when `work` is not a function
   */
  withSession<Result>(session: SessionContext, work: () => Result): Result {
    assertFunction('withSession(session, work)', 'work', work)
    return withSessionContext(cleanSession(this.#tracer, session), work)
  }

  /** Records nothing of what starts inside `work`, and returns what it returns. */
  suppress<Result>(work: () => Result): Result {
    assertFunction('suppress(work)', 'work', work)
    return suppressed(work)
  }

  /** The trace that is under way here; `undefined` outside of any. */
  currentTrace(): Span | undefined {
    const root = this.#recorder.active()?.turn.root
    return root === undefined ? undefined : createTraceHandle(this.#tracer, root)
  }

  /** The innermost span that is under way here, which may be the trace itself; `undefined` outside of any. */
  currentSpan(): Span | undefined {
    const run = this.#recorder.active(currentFrame())
    return run === undefined ? undefined : createSpan(this.#tracer, run)
  }

  /**
   * Sends a person's or a program's verdict on a trace, after the trace itself and redacted as that is.
   *
   * @returns whether the service took it, and why not; `sampled_out` where the trace was not sampled
   * @throws TruLayerError `invalid-argument` when the trace id or the label is missing or wrong; for nothing else
   */
  async submitFeedback(feedback: Feedback): Promise<FeedbackResult> {
    assertFeedback(feedback)
    const refusal = this.#feedbackRefusal()
    if (refusal !== undefined) {
      return refusal
    }
    this.#hookExit()
    return await this.#feedbackGate.count(() => this.#sendFeedback(feedback))
  }

  /**
   * Ships what has finished, and resolves when it is answered or given up, in bounded time. A turn that is still running
   * is not cut, unless asked for.
   *
   * @returns counts; with `failMode: 'block'` it rejects when traces were lost
   */
  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    const { timeout = DEFAULT_FLUSH_TIMEOUT, open } = this.#clean('flush()', options, FLUSH_OPTIONS)
    const before = this.stats()
    // Whoever flushes right after a turn expects that turn, whose end may wait for microtasks.
    await sleep(0, { keepAlive: true })
    if (open === 'close') {
      await this.#closeOpen()
    }
    await this.#flush({ timeout })
    return this.#resultSince(before)
  }

  /** Closes what is open, ships everything, and records nothing afterwards. Calling it again waits for the same end. */
  shutdown(options: { readonly timeout?: number | undefined } = {}): Promise<FlushResult> {
    const { timeout = DEFAULT_FLUSH_TIMEOUT } = this.#clean('shutdown()', options, SHUTDOWN_OPTIONS)
    this.#shutdown ??= this.#shutDown(timeout)
    return this.#shutdown
  }

  /** Counts of what was recorded and delivered, and the state of the client. */
  stats(): ClientStats {
    const recorder = this.#recorder.stats()
    const pipeline = this.#pipeline.stats()
    const delivery = this.#pipeline.exporters[0]?.stats?.()
    return {
      traces: {
        recorded: recorder.recordedTraces + this.#accepted.traces,
        sampledOut: pipeline.sampledOut,
        sent: delivery?.sent ?? pipeline.exported,
        dropped: { ...pipeline.dropped, ...delivery?.dropped },
        queued: pipeline.waiting + (delivery?.queued ?? 0),
        inFlight: delivery?.inFlight ?? 0,
        spooled: delivery?.spooled ?? 0,
        recovered: delivery?.recovered ?? 0,
        open: recorder.open,
        late: recorder.late,
        cut: recorder.cut,
      },
      spans: {
        recorded: recorder.recordedSpans + this.#accepted.spans,
        dropped: recorder.hiddenSpans === 0 ? {} : { spans_per_trace: recorder.hiddenSpans },
      },
      requests: delivery?.requests ?? 0,
      retries: delivery?.retries ?? 0,
      state: this.#stateWith(delivery?.state ?? 'active'),
    }
  }

  /**
   * Calls `listener` with each problem of delivery.
   *
   * @returns a function that ends that
   * @throws TruLayerError `invalid-argument` when the listener is not a function
   */
  onError(listener: (problem: DeliveryProblem) => void): () => void {
    assertFunction('onError(listener)', 'listener', listener)
    this.#problemListeners.add(listener)
    return () => this.#problemListeners.delete(listener)
  }

  /**
   * Calls `listener` with each finished trace as it will leave, after sampling, redaction and limits.
   *
   * @returns a function that ends that
   * @throws TruLayerError `invalid-argument` when the listener is not a function
   */
  onTrace(listener: (trace: FinishedTrace) => void): () => void {
    assertFunction('onTrace(listener)', 'listener', listener)
    return this.#pipeline.addListener(listener)
  }

  /* Not thrown, since programs flush at their end and in handlers of errors. */
  #clean<Options extends object>(owner: string, options: Options, known: OptionKinds): Options {
    return cleanOptions(options, known, {
      owner,
      warn: (message) => this.#logger.warn(message, message),
    })
  }

  #createPipeline(): Pipeline {
    const policy: Policy = {
      sampleRate: this.#options.sampleRate ?? 1,
      sampleBy: this.#options.sampleBy ?? 'trace',
      redact: this.#redaction,
      limits: {
        spanBytes: this.#options.limits?.spanBytes ?? 1_000_000,
        definitionBytes: this.#options.limits?.toolDefinitionBytes ?? DEFINITION_BYTES,
      },
      warn: (message, key) => this.#logger.warn(message, key),
    }
    return new Pipeline({
      logger: this.#logger,
      prepare: (trace) => {
        const prepared = applyPolicy(trace, policy)
        if (prepared === undefined) {
          this.#feedbackGate.noteSampledOut(trace.id)
          this.#logger.debug(`trace ${trace.id} is not sampled, so it is not sent`)
        }
        return prepared
      },
      onProblem: (problem) => this.#report(problem),
    })
  }

  #createRecorder(): Recorder {
    const { limits, costOf } = this.#options
    return new Recorder({
      limits: recorderLimits(limits),
      recordInputs: this.#options.recordInputs ?? true,
      recordOutputs: this.#options.recordOutputs ?? true,
      projection: {
        environment: this.#options.environment,
        costOf: costOf === undefined ? undefined : askCostOf(costOf, this.#logger),
      },
      isEnabled: () => this.#begin(),
      mayPostpone: () => this.#mayPostpone(),
      onFinished: (turn) => this.#finish(turn),
    })
  }

  #addExporters(replayFile: string | undefined): void {
    if (!this.#isSupported) {
      const runtime = runtimeName() ?? 'this runtime'
      this.#logger.error(
        `${runtime} is too old: @trulayer/core needs Node.js 20.19 or later. Nothing is recorded, and the program is not affected.`,
        UNUSABLE,
      )
    } else if (this.#mode === 'live') {
      this.#addTransport()
      for (const exporter of this.#options.exporters ?? []) {
        this.#pipeline.addExporter(exporter)
      }
    } else if (this.#mode !== 'off') {
      this.#pipeline.addExporter(new MemoryExporter())
    }
    if (this.#mode === 'replay') {
      const traces = loadReplayFile(replayFile, this.#logger)
      traceMemory().traces.push(...traces.flatMap((trace) => this.#cleanReplayed(trace)))
    }
  }

  /* What stands in a file never throws. */
  #cleanReplayed(trace: FinishedTrace): FinishedTrace[] {
    try {
      return [redactTrace(trace, this.#redaction)]
    } catch {
      this.#logger.warn('a trace of the replay file is too deep to be looked at and is left out.')
      return []
    }
  }

  /* Asked again while there is no key, for it may come later. A relay needs none. */
  #addTransport(): void {
    const apiKey = this.#options.apiKey ?? environmentKey()
    const relay = apiKey === undefined ? relayEndpoint(this.#options.relayUrl) : undefined
    if (apiKey === undefined && relay === undefined) {
      return
    }
    const unusable = apiKey === undefined ? undefined : unusableKey(apiKey)
    if (unusable !== undefined) {
      this.#logger.error(unusable, UNUSABLE)
      return
    }
    if (apiKey?.startsWith('tl_') === false) {
      this.#logger.warn(
        'the API key does not begin with `tl_`, as keys of TruLayer do: is it the key of another service?',
        'key-shape',
      )
    }
    const { endpoint, flushInterval, fetch } = this.#options
    this.#transport = new TruLayerExporter({
      ...this.#options,
      apiKey,
      endpoint: relay ?? endpoint ?? DEFAULT_ENDPOINT,
      fetch: fetch ?? (relay === undefined ? undefined : fetchFromPage),
      // Between two calls Lambda freezes the process, and with it every timer.
      flushInterval: flushInterval ?? (isLambda() ? 0 : undefined),
      logger: this.#logger,
      onProblem: (problem) => this.#report(problem),
    })
    this.#pipeline.addExporter(this.#transport)
  }

  /* Where traces go elsewhere as well there is no hurry, and to read the environment is slow. */
  #mayHaveKey(): boolean {
    const now = monotonicClock()
    if (this.#pipeline.exporters.length > 0 && now - this.#askedForKeyAt < KEY_PAUSE) {
      return false
    }
    this.#askedForKeyAt = now
    return true
  }

  #isEnabled(): boolean {
    if (!this.#isSupported || this.#isClosed || this.#mode === 'off') {
      return false
    }
    if (this.#mode === 'live' && this.#transport === undefined && this.#mayHaveKey()) {
      this.#addTransport()
    }
    return this.#pipeline.exporters.length > 0
  }

  #begin(): boolean {
    const isEnabled = this.#isEnabled() || capturesOf(this).length > 0
    if (!isEnabled && this.#mode === 'live' && !this.#isClosed) {
      this.#logger.warn(isBrowser() ? NO_RELAY : NO_KEY, UNUSABLE)
    }
    if (isEnabled) {
      this.#hookExit()
      this.#noticeLocal()
    }
    return isEnabled
  }

  /* Once in a process: without it a program in this mode looks as if nothing was recorded. */
  #noticeLocal(): void {
    if (
      this.#mode === 'local' &&
      !localNotice.isPrinted &&
      capturesOf(this).length === 0 &&
      !isTestRun()
    ) {
      localNotice.isPrinted = true
      this.#logger.warn(this.#isDebugging ? LOCAL : `${LOCAL} ${HOW_TO_LOOK}`)
    }
  }

  /*
   * Not where traces are printed or looked at as soon as a turn is over, nor where a request of the platform must
   * still be there when its trace ends.
   */
  #mayPostpone(): boolean {
    const may =
      this.#pipeline.exporters.length > 0 &&
      capturesOf(this).length === 0 &&
      !this.#isClosed &&
      !this.#isDebugging &&
      this.#options.waitUntil === undefined &&
      this.#isLongLived &&
      !hasRequestContext()
    if (may) {
      this.#hookExit()
    }
    return may
  }

  #flush(deadline: ExportDeadline): Promise<void> {
    this.#recorder.settle()
    return this.#pipeline.flush(deadline)
  }

  #hookExit(): void {
    if (this.#options.exitHooks !== false) {
      this.#unhook ??= isBrowser() ? onPageEnd(this.#finisher) : onExit(this.#finisher)
    }
  }

  /* Feedback that waited for a trace that was open goes on in microtasks. */
  async #closeOpen(): Promise<void> {
    this.#recorder.closeAll()
    if (this.#feedbackGate.pending > 0) {
      await sleep(0, { keepAlive: true })
    }
  }

  /* Held here, since the process hook holds it weakly. */
  readonly #finisher: Finisher = {
    hasWork: () => {
      const { open, queued, inFlight, recorded } = this.stats().traces
      // What could not be delivered at the last attempt is no reason to keep the process alive once more. An attempt
      // that is still running is: a signal can arrive while the program ends by itself.
      const isDue = open > 0 || recorded > this.#recordedAtExit || this.#finishing > 0
      const hasTraces = isDue && open + queued + inFlight > 0
      const hasFeedback =
        this.#feedbackGate.pending > 0 && this.#feedbackGate.submitted > this.#feedbackAtExit
      return capturesOf(this).length === 0 && !this.#isClosed && (hasTraces || hasFeedback)
    },
    finish: async ({ timeout, close }) => {
      if (close) {
        await this.#closeOpen()
        this.#recordedAtExit = this.stats().traces.recorded
        this.#feedbackAtExit = this.#feedbackGate.submitted
      }
      this.#finishing += 1
      try {
        await this.#flush({ timeout, isLast: close })
      } finally {
        this.#finishing -= 1
      }
    },
    finishNow: ({ mayTakeTime }) => {
      if (capturesOf(this).length === 0 && !this.#isClosed) {
        this.#recorder.closeAll()
        this.#pipeline.drain()
        const isSync = mayTakeTime && this.#options.exitFlush === 'sync'
        this.#transport?.abandon(isBrowser() ? sendWithPage : isSync ? sendInChild : undefined)
      }
    },
  }

  #finish(source: TraceSource): void {
    const captures = capturesOf(this)
    if (captures.length === 0) {
      this.#pipeline.accept(source)
      if (this.#pipeline.exporters.length > 0) {
        this.#requestFlush.begin()
      }
    }
    for (const capture of captures) {
      const trace = source.read()
      capture.take(trace)
      if (this.#isDebugging) {
        // As it would leave, since a log is read by more people than wrote the program.
        guard('the trace that debug prints', () =>
          this.#printTree(redactTrace(trace, this.#redaction)),
        )
      }
    }
    this.#feedbackGate.noteFinished(source.traceId)
  }

  #accept(trace: FinishedTrace): boolean {
    if (!this.#begin()) {
      return false
    }
    const { environment } = this.#options
    this.#accepted.traces += 1
    this.#accepted.spans += trace.spans.length
    const accepted: FinishedTrace =
      environment === undefined
        ? trace
        : {
            ...trace,
            metadata: { ...trace.metadata, [attributes.deploymentEnvironment]: environment },
          }
    this.#finish({ traceId: trace.id, read: () => accepted })
    return true
  }

  #printTree(trace: FinishedTrace): void {
    const duration = Math.round(trace.endedAt - trace.startedAt)
    this.#logger.debug(`trace ${trace.id}, ${duration} ms\n${spanTree(trace)}`)
  }

  #feedbackRefusal(): FeedbackResult | undefined {
    if (capturesOf(this).length > 0) {
      return refuseFeedback('captured', 'traces are caught by captureTraces() and not sent')
    }
    if (this.#mode !== 'live') {
      return refuseFeedback(this.#mode, `in mode ${this.#mode} nothing is sent`)
    }
    if (this.#isClosed) {
      return refuseFeedback('closed', 'the client was shut down')
    }
    return this.#isEnabled() ? undefined : refuseFeedback('disabled', DISABLED)
  }

  async #sendFeedback(feedback: Feedback): Promise<FeedbackResult> {
    const traceId = toUuid(feedback.traceId) ?? feedback.traceId
    const isFinished =
      !this.#recorder.hasOpenTrace(traceId) ||
      (await this.#feedbackGate.whenFinished(traceId, FEEDBACK_TIMEOUT))
    if (!isFinished) {
      return refuseFeedback('timeout', 'its trace is still open')
    }
    this.#pipeline.drain()
    if (this.#feedbackGate.isSampledOut(traceId)) {
      return refuseFeedback(
        'sampled_out',
        'its trace was not sampled, so the service does not have it',
      )
    }
    return await this.#pipeline.submitFeedback(
      cleanFeedback({ ...feedback, traceId }, this.#redaction),
    )
  }

  #report(problem: DeliveryProblem): void {
    this.#lastProblem = problem
    for (const listener of this.#problemListeners) {
      try {
        listener(problem)
      } catch (error) {
        this.#logger.warn(`a listener of onError threw: ${String(error)}`, 'on-error')
      }
    }
  }

  async #shutDown(timeout: number): Promise<FlushResult> {
    const before = this.stats()
    await sleep(0, { keepAlive: true })
    await this.#closeOpen()
    await this.#pipeline.shutdown({ timeout })
    this.#isClosed = true
    this.#unhook?.()
    return this.#resultSince(before)
  }

  #resultSince(before: ClientStats): FlushResult {
    const { traces } = this.stats()
    const result: FlushResult = {
      delivered: traces.sent - before.traces.sent,
      pending: traces.queued + traces.inFlight,
      dropped: sumOf(traces.dropped) - sumOf(before.traces.dropped),
    }
    // What was lost by itself in between is for whoever asks next.
    const allDropped = sumOf(traces.dropped)
    const lost = allDropped - this.#droppedAtFlush
    this.#droppedAtFlush = allDropped
    if (this.#options.failMode === 'block' && result.pending + lost > 0) {
      throw new TruLayerError(
        'delivery-failed',
        `${lost} traces were lost and ${result.pending} are not delivered yet.`,
        { cause: this.#lastProblem },
      )
    }
    return result
  }

  #stateWith(delivery: 'active' | 'waiting' | 'stopped'): ClientStats['state'] {
    if (this.#isClosed) {
      return 'closed'
    }
    if (this.#mode === 'off') {
      return 'off'
    }
    return this.#pipeline.exporters.length === 0 ? 'disabled' : delivery
  }
}

function assertFunction(signature: string, parameter: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw functionError(signature, parameter, value)
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/* An option that is `undefined` is not given, and the environment may have it. */
function withoutUndefined(options: TruLayerOptions): TruLayerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
