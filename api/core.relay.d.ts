/** Plain data: what `JSON.stringify` writes without loss. */
type JsonValue = string | number | boolean | null | readonly JsonValue[] | {
  readonly [key: string]: JsonValue;
};
/** A JSON object. */
interface JsonObject {
  readonly [key: string]: JsonValue;
}
/**
 * Tokens of one model call. A count that the provider did not report is absent, never zero.
 *
 * The names are those of the service's `setTokens`; the rule of what includes what is that of the OpenTelemetry GenAI
 * conventions (`gen_ai.usage.input_tokens` includes cached tokens, `gen_ai.usage.output_tokens` includes reasoning).
 */
interface Usage {
  /** Tokens read, those from and into a cache included. */
  readonly promptTokens?: number | undefined;
  /** Tokens written, reasoning included. */
  readonly completionTokens?: number | undefined;
  /** The part of `promptTokens` that came from the provider's cache. */
  readonly cachedTokens?: number | undefined;
  /** The part of `promptTokens` that was written into the provider's cache. */
  readonly cacheWriteTokens?: number | undefined;
  /** The part of `completionTokens` that is reasoning. */
  readonly reasoningTokens?: number | undefined;
}
/**
 * What a span is: a call of a model (chat, completion, embeddings), of a tool, a look-up in a store, or anything else
 * that the user named (agent, workflow, step, chain).
 */
type SpanType = 'llm' | 'tool' | 'retrieval' | 'other';
/**
 * How a run ended.
 *
 * - `ok`: it did what it was asked for;
 * - `error`: it failed, and only then the wire's `error` is filled;
 * - `cancelled`: it was aborted, rejected, or its reader went away;
 * - `interrupted`: it waits for a person or a client and goes on in a later trace;
 * - `incomplete`: its end was never seen.
 */
type SpanStatus = 'ok' | 'error' | 'cancelled' | 'interrupted' | 'incomplete';
/** A finished span of a trace. Instants are milliseconds since 1970 with a fraction, in UTC. */
interface FinishedSpan {
  /** A lower-case UUID. */
  readonly id: string;
  /** The span that contains this one; `undefined` for a top-level span. */
  readonly parentId?: string | undefined;
  readonly name: string;
  readonly type: SpanType;
  readonly status: SpanStatus;
  readonly startedAt: number;
  readonly endedAt: number;
  /** On an `llm` span the list of messages that the model saw, else what the run was given. */
  readonly input?: JsonValue | undefined;
  /** On an `llm` span the list of messages that the model wrote, else what the run returned. */
  readonly output?: JsonValue | undefined;
  /** The model that was asked for. */
  readonly model?: string | undefined;
  /** Tokens, on `llm` spans alone. */
  readonly usage?: Usage | undefined;
  /** What the call cost, in US dollars. */
  readonly cost?: number | undefined;
  /** `Type: message`, when and only when the status is `error`. */
  readonly error?: string | undefined;
  readonly metadata: JsonObject;
}
/** Something that happened at one moment of a trace. */
interface TraceEvent {
  readonly id: string;
  /** The span that it belongs to; `undefined` when it belongs to the trace itself. */
  readonly spanId?: string | undefined;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly metadata: JsonObject;
}
/**
 * One finished turn: the outermost run, which is the trace itself, and every span in it, in order of start.
 * Instants are milliseconds since 1970 with a fraction, in UTC.
 */
interface FinishedTrace {
  /** A lower-case UUID. */
  readonly id: string;
  readonly name: string;
  readonly status: SpanStatus;
  /** The conversation or the run that the trace belongs to. */
  readonly sessionId: string;
  readonly userId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The user's latest text, or what the outermost run was given. */
  readonly input?: JsonValue | undefined;
  /** The final answer. */
  readonly output?: JsonValue | undefined;
  /** The model of the first model call. */
  readonly model?: string | undefined;
  /** What it cost, in US dollars, where that was told of the trace itself. Else it is the sum of its spans. */
  readonly cost?: number | undefined;
  /** `Type: message`, when and only when the status is `error`. */
  readonly error?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: JsonObject;
  readonly spans: readonly FinishedSpan[];
  readonly events: readonly TraceEvent[];
}
/** What a person or a program thinks of a turn. */
interface Feedback {
  /** The id of the trace: a lower-case UUID. */
  readonly traceId: string;
  readonly label: 'good' | 'bad' | 'neutral';
  readonly score?: number | undefined;
  readonly comment?: string | undefined;
  /** Such as `{ source: 'thumbs_button' }`: where it comes from. Small values. */
  readonly metadata?: JsonObject | undefined;
}
/** What became of feedback. Nothing is thrown for feedback that was not taken. */
type FeedbackResult = {
  readonly accepted: true;
} | {
  readonly accepted: false;
  /** Stable and lower-case, such as `rejected`, `timeout`, `closed`, `sampled_out`. */
  readonly reason: string;
  /** One sentence: what happened. */
  readonly message: string;
};
/** How long an exporter may take. */
interface ExportDeadline {
  /** Milliseconds. */
  readonly timeout: number;
  /** Set where the promise must depend on nothing of another request of the host, as on Workers. */
  readonly polls?: boolean | undefined;
  /** Set where nothing can be delivered later: then one more attempt is made although delivery pauses. */
  readonly isLast?: boolean | undefined;
}
/** What an exporter has done with traces since it was made. */
interface ExporterStats {
  /** Traces that the receiver took. */
  readonly sent: number;
  /** Traces that wait. */
  readonly queued: number;
  /** Traces that are under way. */
  readonly inFlight?: number;
  /** Traces that were put on disk and not taken back. */
  readonly spooled?: number;
  /** Traces of earlier processes that were taken from disk; they count among the others from then on. */
  readonly recovered?: number;
  /** Traces given up, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Requests made. */
  readonly requests: number;
  /** Requests that repeated an earlier one. */
  readonly retries: number;
  /** `stopped` when the receiver refused for good. */
  readonly state: 'active' | 'waiting' | 'stopped';
}
/**
 * Takes finished traces somewhere. A client may hold several.
 *
 * The traces are final: sampled, redacted and within limits. They are frozen in the sense that an exporter must not
 * change them, for every exporter gets the same objects.
 */
interface TraceExporter {
  /** Takes traces. What it throws or rejects with is reported through `onError` and never reaches the host. */
  export(traces: readonly FinishedTrace[]): void | Promise<void>;
  /** Resolves when everything exported before the call is answered or given up, or the time is over. */
  flush?(deadline: ExportDeadline): Promise<void>;
  /** Like `flush`, and nothing is taken afterwards. */
  shutdown?(deadline: ExportDeadline): Promise<void>;
  /** Takes feedback, redacted, to where the traces went. Without it this exporter gets none. */
  submitFeedback?(feedback: Feedback): Promise<FeedbackResult>;
  /** Counts for `client.stats()`. Without it a trace counts as sent when `export` returned. */
  stats?(): ExporterStats;
}
/** A problem of delivery, as `client.onError` hears it. */
interface DeliveryProblem {
  /** Stable and lower-case, such as `rejected`, `overflow`, `unauthorized`. */
  readonly reason: string;
  /** One sentence: what happened and what to do. */
  readonly message: string;
  /** How many traces were given up because of it; 0 when they are kept. */
  readonly dropped: number;
  readonly cause?: unknown;
}
/** Tags of a trace: a map, or a list in which `key:value` is one tag and any other word is `true`. */
type Tags = Readonly<Record<string, string>> | readonly string[];
/** What `withSession` lays over the turns that start inside it. */
interface SessionContext {
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly tags?: Tags | undefined;
  /** The name of the traces. */
  readonly traceName?: string | undefined;
}
/** Tells a serverless platform to let a promise finish after the answer has left. */
type WaitUntil = (promise: Promise<unknown>) => void;
/** Where the library's own few lines go. `console` is one. */
interface Logger {
  debug?(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
/** Where a client keeps its internals, the same in every copy of the library. */
declare const INTERNALS: unique symbol;
/** Where traces are kept on disk that memory cannot hold or that a process leaves behind. */
interface SpoolOptions {
  /** The folder, which is made when it is needed. Several processes may share it. */
  readonly directory: string;
  /** Bytes of traces in the folder, those of other processes included; beyond, the oldest go. @defaultValue 268435456 (256 MiB) */
  readonly maxBytes?: number | undefined;
  /** Milliseconds after which what was not delivered is given up. @defaultValue 86400000 (24 hours) */
  readonly maxAge?: number | undefined;
}
/** Where a text stands. */
interface RedactionContext {
  /**
   * `id` is one of the session, the user, the request outside or a tool call: where the answer is another, a pseudonym of
   * the id stands for it, so that what belongs together stays together.
   */
  readonly field: 'name' | 'input' | 'output' | 'error' | 'metadata' | 'tags' | 'event' | 'comment' | 'id';
  /** The type of the span that it belongs to; `undefined` for the trace itself. */
  readonly spanType?: SpanType | undefined;
  /** The name of the span or the trace, as it was before; empty for feedback. */
  readonly name: string;
  /**
   * The key of the nearest object that the text is a value in, in JSON inside strings too; where a key further out hides
   * everything under it, that key.
   */
  readonly key?: string | undefined;
}
/** Answers with the text that may leave in place of `value`. */
type RedactFunction = (value: string, context: RedactionContext) => string;
/** Something that takes secrets out of texts. */
interface TextRedactor {
  redact(value: string, context: RedactionContext): string;
  /** What stands for an id that must not leave. Without it, a pseudonym by a key of this process. */
  pseudonym?(value: string): string;
  /**
   * Whether every value under that key is removed: numbers are passed to `redact` then, however short they are, and
   * so is everything inside objects and lists under it, with this key.
   */
  hides?(key: string): boolean;
  /**
   * True where the answer depends on nothing but the text, and on whether its key hides it. Equal texts of a trace are then
   * looked at once: each model call holds the whole conversation before it.
   *
   * @defaultValue false
   */
  readonly ignoresContext?: boolean | undefined;
}
/** The option `redact`. */
type Redaction = RedactFunction | TextRedactor | false;
/** What a sampling function is told about a finished trace. */
interface SamplingInput {
  readonly traceId: string;
  readonly name: string;
  readonly sessionId: string;
  /** True when the trace or any of its spans failed. */
  readonly hasError: boolean;
  readonly status: SpanStatus;
  readonly durationMs: number;
  readonly metadata: FinishedTrace['metadata'];
  readonly tags: FinishedTrace['tags'];
  /** Tokens of all model calls, read and written. */
  readonly tokens: number;
}
/** A part of all traces, 0 to 1, or a function that answers with one, or with a plain yes or no. */
type SampleRate = number | ((trace: SamplingInput) => boolean | number);
/** What a rate is applied to. */
type SampleBy = 'trace' | 'session';
/** The part of Node's `AsyncLocalStorage` that is used. Workers, Deno, Bun and the edge runtimes have the same. */
interface AsyncStorage<Value> {
  run<Result>(value: Value, callback: () => Result): Result;
  getStore(): Value | undefined;
  /** Missing on Workers. */
  enterWith?(value: Value): void;
}
/** The class `AsyncLocalStorage`, or one that behaves like it. */
type AsyncStorageConstructor = new () => AsyncStorage<unknown>;
/**
 * Where traces go: `live` to the service and the exporters, `local` into memory, `replay` nowhere (a file is loaded into
 * memory instead), `off` nowhere, for nothing is recorded.
 */
type Mode = 'live' | 'local' | 'replay' | 'off';
/** Bounds of what is kept and sent. */
interface LimitOptions {
  /** Turns that are open at the same time. @defaultValue 10000 */
  readonly openTurns?: number | undefined;
  /** Bytes that open turns hold. @defaultValue 67108864 (64 MiB) */
  readonly openTurnBytes?: number | undefined;
  /** Spans of one trace; those beyond are counted and left out. @defaultValue 5000 */
  readonly spansPerTrace?: number | undefined;
  /** Bytes of one input, output or metadata value as it is captured. @defaultValue 4194304 (4 MiB) */
  readonly fieldBytes?: number | undefined;
  /** Bytes of one span as it is sent. @defaultValue 1000000, the service's own limit */
  readonly spanBytes?: number | undefined;
  /**
   * Bytes of the tool definitions of one model call, and of its response schema. Beyond, schemas of parameters are left out
   * first, then descriptions. 0 records neither. @defaultValue 8192 (8 KiB)
   */
  readonly toolDefinitionBytes?: number | undefined;
  /** Milliseconds that a trace waits for what is open in it after its root has ended. @defaultValue 1000 */
  readonly grace?: number | undefined;
  /** Milliseconds without an event after which a stream that the host holds counts as left. @defaultValue 600000 */
  readonly streamIdle?: number | undefined;
  /** Milliseconds without an event after which an open turn counts as left. @defaultValue 3600000 */
  readonly turnIdle?: number | undefined;
}
/** A model call, as `costOf` is asked about it. */
interface CostQuestion {
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly usage: Usage | undefined;
  /** What the provider or its gateway reported besides, as the framework passes it on: `{ openrouter: { usage } }`. */
  readonly providerMetadata: unknown;
  /** The cost in US dollars that the provider or its gateway reported. It stands where `costOf` returns `undefined`. */
  readonly reportedCost: number | undefined;
}
/** Everything that a client can be told. An option wins over the environment, the environment over the default. */
interface TruLayerOptions {
  /** The key, which begins with `tl_`. Environment: `TRULAYER_API_KEY`. Without one nothing is recorded in mode `live`. */
  readonly apiKey?: string | undefined;
  /** The project by its name. Environment: `TRULAYER_PROJECT`. */
  readonly projectName?: string | undefined;
  /** Such as `production`; stands in the metadata of each trace. Environment: `TRULAYER_ENVIRONMENT`. */
  readonly environment?: string | undefined;
  /** The base address of the service. Environment: `TRULAYER_ENDPOINT`. @defaultValue `https://api.trulayer.ai` */
  readonly endpoint?: string | undefined;
  /** Environment: `TRULAYER_MODE`. @defaultValue `live` */
  readonly mode?: Mode | undefined;
  /** Part of the traces that is sent, 0 to 1, or a function of the finished trace. Environment: `TRULAYER_SAMPLE_RATE`. @defaultValue 1 */
  readonly sampleRate?: SampleRate | undefined;
  /** What the rate is applied to: each trace, or whole sessions. @defaultValue `trace` */
  readonly sampleBy?: SampleBy | undefined;
  /** Takes secrets out of every text before it leaves: a `Redactor`, a function, or `false` for nothing of the kind. @defaultValue the pack `secrets` */
  readonly redact?: Redaction | undefined;
  /** False leaves every input out, and the messages of errors, which quote them. @defaultValue true */
  readonly recordInputs?: boolean | undefined;
  /** False leaves every output out, and the messages of errors. @defaultValue true */
  readonly recordOutputs?: boolean | undefined;
  /** Bounds of what is kept and sent. */
  readonly limits?: LimitOptions | undefined;
  /** The cost in US dollars of a call of a model. Where it returns `undefined`, the cost that the provider reports stands. */
  readonly costOf?: ((question: CostQuestion) => number | undefined) | undefined;
  /** Where traces go besides the service, or instead of it where no key is set. */
  readonly exporters?: readonly TraceExporter[] | undefined;
  /**
   * The address of a relay on your server, for browsers, where no key may be; from the page's own where it is relative, such
   * as `/api/trulayer`. Where there is a key it is not used, so that server and page may share a module.
   */
  readonly relayUrl?: string | undefined;
  /** A `fetch` to use instead of the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Headers added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where the few lines of this library go. @defaultValue the console */
  readonly logger?: Logger | undefined;
  /**
   * True prints the tree of each finished trace and a line for each request; `'payload'` prints each trace as it is sent too.
   * Environment: `TRULAYER_DEBUG=1|payload`.
   *
   * @defaultValue false
   */
  readonly debug?: boolean | 'payload' | undefined;
  /** Milliseconds that one request may take. @defaultValue 10000 */
  readonly timeout?: number | undefined;
  /** Traces in one request, 1 to 100. @defaultValue 50 */
  readonly batchSize?: number | undefined;
  /** Milliseconds that a trace waits for others to leave with. @defaultValue 2000 */
  readonly flushInterval?: number | undefined;
  /** Bytes of traces that wait to be sent; beyond, the oldest are dropped and counted. @defaultValue 33554432 (32 MiB) */
  readonly maxQueueBytes?: number | undefined;
  /** `gzip` compresses requests over 8 KB, unless the service refuses that. @defaultValue none */
  readonly compression?: 'gzip' | undefined;
  /** A folder in which traces are kept that memory cannot hold or that the process leaves behind. @defaultValue none */
  readonly spool?: SpoolOptions | string | undefined;
  /** False keeps the client from delivering when the process ends, by itself or by a signal. @defaultValue true */
  readonly exitHooks?: boolean | undefined;
  /**
   * `sync` delivers at `process.exit` and after an uncaught error too, by a process of its own that takes at most three seconds;
   * `off` tells only how many traces were left. @defaultValue `off`
   */
  readonly exitFlush?: 'sync' | 'off' | undefined;
  /** Lets a promise finish after the answer has left, on serverless platforms where it is not found by itself. */
  readonly waitUntil?: WaitUntil | undefined;
  /** The class `AsyncLocalStorage`, for runtimes where it cannot be found. */
  readonly asyncLocalStorage?: AsyncStorageConstructor | undefined;
  /** `block` makes `flush` and `shutdown` reject when traces were lost. Environment: `TRULAYER_FAIL_MODE`. @defaultValue `drop` */
  readonly failMode?: 'drop' | 'block' | undefined;
}
/** The options of `span`. Its type alone may take their place. */
interface SpanOptions {
  /** @defaultValue `other` */
  readonly type?: SpanType | undefined;
  /** What it is given. */
  readonly input?: unknown;
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
/** What a function that runs inside a span returns: anything, or a promise of it. */
type Work<Result> = (span: Span) => Result | PromiseLike<Result>;
/**
 * A span that is under way, in the hands of the host's own function. Every method may be called at any time and never
 * throws; after the trace has left it changes nothing.
 */
interface Span {
  /** The span's id; for the trace itself, the trace's. A lower-case UUID. */
  readonly id: string;
  /** The id of its trace, to be kept for feedback. */
  readonly traceId: string;
  /** The session that the trace belongs to, as it is known by now. */
  readonly sessionId: string;
  /** What it was given: a text, or anything that can be JSON. */
  setInput(input: unknown): void;
  /** What came out. Without a call, what the function returns is taken where it is plain data. */
  setOutput(output: unknown): void;
  /** The model that was asked for, on spans of the type `llm`. */
  setModel(model: string): void;
  /** Tokens of the call, on spans of the type `llm`. What is unknown is left out. */
  setTokens(tokens: Usage): void;
  /** What it cost, in US dollars. */
  setCost(usd: number): void;
  /** Merges into the metadata. Small values: they are indexed. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): void;
  /** Sets a tag of the trace, wherever it is called. */
  setTag(key: string, value: string): void;
  /** Marks it as failed, for a failure that the program handled. What the function throws is recorded anyway. */
  setError(error: unknown): void;
  /** Runs `work` in a span below this one, of the type `other`. */
  span<Result>(name: string, work: Work<Result>): Promise<Awaited<Result>>;
  /** Runs `work` in a span below this one. */
  span<Result>(name: string, options: SpanType | SpanOptions, work: Work<Result>): Promise<Awaited<Result>>;
  /** Notes something that happened now. */
  event(message: string, details?: {
    readonly level?: 'info' | 'warn' | 'error' | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  }): void;
}
/** The options of `trace`. What is not an option or has the wrong type is ignored with one warning. */
interface TraceOptions {
  /** The conversation or run that the trace belongs to; never a user. */
  readonly sessionId?: string | undefined;
  /** Who asked; stands in the metadata as `user.id`. */
  readonly userId?: string | undefined;
  /** What it was given. @defaultValue what its first child was given */
  readonly input?: unknown;
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Up to 20. */
  readonly tags?: Tags | undefined;
  /** The host's own id of the request. */
  readonly externalId?: string | undefined;
  /** The id that the trace is to have, a UUID that was not used before; anything else becomes `externalId`. */
  readonly id?: string | undefined;
  /** True begins a trace of its own even inside an open one. */
  readonly newTrace?: boolean | undefined;
}
/** What a flush achieved. */
interface FlushResult {
  /** Traces that the receiver took since the flush began. */
  readonly delivered: number;
  /** Traces that are still waiting or under way. */
  readonly pending: number;
  /** Traces that were given up since the flush began. */
  readonly dropped: number;
}
/** What to wait for. */
interface FlushOptions {
  /** Milliseconds. @defaultValue 10000 */
  readonly timeout?: number | undefined;
  /** `close` ends every open turn first, as `incomplete`. Without it a turn that is still running is never cut. */
  readonly open?: 'close' | undefined;
}
/** Counts since the client was made. */
interface ClientStats {
  readonly traces: {
    readonly recorded: number;
    readonly sampledOut: number;
    readonly sent: number;
    /** Traces given up, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
    /** Traces that wait to be sent. */
    readonly queued: number;
    /** Traces in requests that are not answered yet. */
    readonly inFlight: number;
    /** Traces that are on disk, where the next start or a better time delivers them. */
    readonly spooled: number;
    /** Traces of earlier processes that were taken from disk, in none of the above before. */
    readonly recovered: number;
    /** Turns that are under way. */
    readonly open: number;
    /** Runs that came when their trace had left. */
    readonly late: number;
    /** Open turns that left before their end because a bound was reached, by bound. They are sent all the same. */
    readonly cut: Readonly<Record<string, number>>;
  };
  readonly spans: {
    readonly recorded: number;
    /** Spans left out, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly requests: number;
  readonly retries: number;
  /**
   * `disabled` without a usable key and without an exporter, or on a runtime that is too old; `off` in mode `off`;
   * `waiting` while the service does not answer or asks to wait; `stopped` after it refused for good; `closed` after
   * shutdown.
   */
  readonly state: 'active' | 'waiting' | 'stopped' | 'disabled' | 'off' | 'closed';
}
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
declare class TruLayer {
  #private;
  /** @internal */
  readonly [INTERNALS]: unknown;
  /**
   * @throws TruLayerError `invalid-option` for an option of the wrong type, `key-in-browser` for a key in a page. What the
   *   environment holds never throws.
   */
  constructor(options?: TruLayerOptions);
  /**
   * Runs `work` as one turn: one trace, which ends when the function does and leaves when everything in it has ended.
   * Inside an open trace it is a span of that one, unless `newTrace` is set.
   *
   * @returns what the function returns; what it throws is recorded and thrown on, the same object. It rejects with a
   *   TruLayerError `invalid-argument` when there is no function
   */
  trace<Result>(name: string, work: Work<Result>, options?: TraceOptions): Promise<Awaited<Result>>;
  /**
   * Runs `work` as a span of the type `other` below whatever is active; where nothing is, as a trace of its own.
   *
   * @returns what the function returns; what it throws is recorded and thrown on, the same object. It rejects with a
   *   TruLayerError `invalid-argument` when there is no function
   */
  span<Result>(name: string, work: Work<Result>): Promise<Awaited<Result>>;
  /**
   * The same with a type, an input and metadata.
   *
   * @param options - the type of the span, or its type, input and metadata
   */
  span<Result>(name: string, options: SpanType | SpanOptions, work: Work<Result>): Promise<Awaited<Result>>;
  /**
   * Lays a session, a user, metadata, tags or a name over every turn that starts inside `work`.
   *
   * @returns what `work` returns
   * @throws TruLayerError `invalid-argument` when `work` is not a function
   */
  withSession<Result>(session: SessionContext, work: () => Result): Result;
  /** Records nothing of what starts inside `work`, and returns what it returns. */
  suppress<Result>(work: () => Result): Result;
  /** The trace that is under way here; `undefined` outside of any. */
  currentTrace(): Span | undefined;
  /** The innermost span that is under way here, which may be the trace itself; `undefined` outside of any. */
  currentSpan(): Span | undefined;
  /**
   * Sends a person's or a program's verdict on a trace, after the trace itself and redacted as that is.
   *
   * @returns whether the service took it, and why not; `sampled_out` where the trace was not sampled
   * @throws TruLayerError `invalid-argument` when the trace id or the label is missing or wrong; for nothing else
   */
  submitFeedback(feedback: Feedback): Promise<FeedbackResult>;
  /**
   * Ships what has finished, and resolves when it is answered or given up, in bounded time. A turn that is still running
   * is not cut, unless asked for.
   *
   * @returns counts; with `failMode: 'block'` it rejects when traces were lost
   */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Closes what is open, ships everything, and records nothing afterwards. Calling it again waits for the same end. */
  shutdown(options?: {
    readonly timeout?: number | undefined;
  }): Promise<FlushResult>;
  /** Counts of what was recorded and delivered, and the state of the client. */
  stats(): ClientStats;
  /**
   * Calls `listener` with each problem of delivery.
   *
   * @returns a function that ends that
   * @throws TruLayerError `invalid-argument` when the listener is not a function
   */
  onError(listener: (problem: DeliveryProblem) => void): () => void;
  /**
   * Calls `listener` with each finished trace as it will leave, after sampling, redaction and limits.
   *
   * @returns a function that ends that
   * @throws TruLayerError `invalid-argument` when the listener is not a function
   */
  onTrace(listener: (trace: FinishedTrace) => void): () => void;
}
/** A kind of thing that a browser may send. */
type RelayKind = 'feedback' | 'traces';
/** One thing that a browser sent, as it was understood. */
type RelayItem = {
  readonly kind: 'feedback';
  readonly feedback: Feedback;
} | {
  readonly kind: 'traces';
  readonly trace: FinishedTrace;
};
/** Bounds of what browsers may send. */
interface RelayLimits {
  /** Bytes of one request. @defaultValue 262144 (256 KiB) */
  readonly bodyBytes?: number | undefined;
  /** Requests a minute of all visitors together, for each process. @defaultValue 6000 */
  readonly perMinute?: number | undefined;
  /** Requests a minute of one visitor, where `visitorOf` tells visitors apart. @defaultValue 60 */
  readonly perVisitorMinute?: number | undefined;
}
/** How a relay is made. */
interface RelayOptions {
  /** Holds the key and delivers. @defaultValue the global client at the time of the request */
  readonly client?: TruLayer | undefined;
  /** What browsers may send. @defaultValue `['feedback']` */
  readonly allow?: readonly RelayKind[] | undefined;
  /** Origins besides the relay's own whose pages may send, such as `https://shop.example`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly limits?: RelayLimits | undefined;
  /**
   * Tells visitors apart, for `perVisitorMinute`: by a session of yours, or by the address that your proxy vouches for.
   * Gets what the relay got. `undefined` counts with everybody.
   *
   * @defaultValue nobody is told apart
   */
  readonly visitorOf?: ((request: Request, ...context: readonly unknown[]) => string | undefined) | undefined;
  /**
   * Has the last word on each thing: whether this visitor may say this of this trace, or belongs to this session. What it
   * throws is a refusal.
   *
   * @defaultValue everything that is understood is taken
   */
  readonly authorize?: ((item: RelayItem, request: Request) => boolean | Promise<boolean>) | undefined;
}
/** A fetch-style handler. What the platform hands over beside the request is passed on to `visitorOf`. */
type Relay = (request: Request, ...context: readonly unknown[]) => Promise<Response>;
/**
 * Makes the place on your server that browsers send to: it takes what they may send, and the client that it belongs to adds the
 * key, redacts and delivers. No answer holds anything of the service's or of the key.
 *
 * A request is taken when it comes from a page of yours, is JSON, small enough, not one too many, of a kind that is
 * allowed, made of the fields of the wire alone, and when `authorize` has nothing against it.
 *
 * @throws TruLayerError `invalid-option` for a list that is none and a kind that does not exist
 * @returns a handler for Next.js, Hono, Bun, Deno and Workers; `toNodeHandler` makes one for Express and `node:http` of it
 *
 * @example
 * ```ts
 * // app/api/trulayer/route.ts
 * export const POST = createRelay()
 * ```
 */
declare function createRelay(options?: RelayOptions): Relay;
/** The little of Node's `IncomingMessage`, and of Express's request, that is read. */
interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express: the address before a router took its own part away. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whose `encrypted` is true where the request came over TLS. */
  readonly socket: object;
  /** What a parser of the host's has made of the body, which is gone from the stream then. */
  readonly body?: unknown;
}
/** The little of Node's `ServerResponse` that is used. */
interface NodeResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(body: string): unknown;
}
/** A handler for `node:http`, Express, Connect and whatever else takes their two parameters. */
type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>;
/**
 * Makes a handler for Express and `node:http` of a relay. It works before and behind `express.json()`, and hands the relay
 * Node's own request, for `visitorOf`.
 *
 * @example
 * ```ts
 * app.use('/api/trulayer', toNodeHandler(createRelay()))
 * ```
 */
declare function toNodeHandler(relay: Relay): NodeHandler;
export { type NodeHandler, type NodeRequest, type NodeResponse, type Relay, type RelayItem, type RelayKind, type RelayLimits, type RelayOptions, createRelay, toNodeHandler };