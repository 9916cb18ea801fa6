/** Any object, read by name: what stands there may be anything. */
type Fields = Readonly<Record<PropertyKey, unknown>>;
/** True for an object that is no function and not null. */
declare function isObject(value: unknown): value is Fields;
/** True for an object that is no list. */
declare function isRecord(value: unknown): value is Readonly<Record<string, unknown>>;
/** True for a list of anything. */
declare function isList(value: unknown): value is readonly unknown[];
/** True for a text that is not empty. */
declare function isText(value: unknown): value is string;
/** A path of names. */
type Path = readonly [first: PropertyKey, second?: PropertyKey, third?: PropertyKey];
/**
 * What stands under a name, or at the end of a path of up to three; `undefined` where the path breaks off. No rest parameter,
 * for this is called a hundred times a turn.
 */
declare function read(value: unknown, first: PropertyKey, second?: PropertyKey, third?: PropertyKey): unknown;
/**
 * The export of a module under a name; `undefined` where reading it throws. A mocked module throws for what its factory
 * leaves out, and one that is still loading for everything.
 */
declare function readExport(module: unknown, name: PropertyKey): unknown;
/** The text at the end of a path; `undefined` where there is none or an empty one. */
declare function readText(value: unknown, first: PropertyKey, second?: PropertyKey, third?: PropertyKey): string | undefined;
/** The list at the end of a path; an empty one where there is none. */
declare function readList(value: unknown, first: PropertyKey, second?: PropertyKey): readonly unknown[];
/** One of the forms that an option may have. */
interface OptionKind {
  /** As it appears in a message: `a string`. */
  readonly name: string;
  readonly accepts: (value: unknown) => boolean;
}
/** The forms that each option may have, by the name of the option. */
type OptionKinds = Readonly<Record<string, readonly OptionKind[]>>;
/** The kinds that most options have. */
declare const kinds: {
  readonly string: {
    readonly name: 'a string';
    readonly accepts: (value: unknown) => value is string;
  };
  readonly number: {
    readonly name: 'a number';
    readonly accepts: (value: unknown) => boolean;
  };
  readonly boolean: {
    readonly name: 'a boolean';
    readonly accepts: (value: unknown) => value is boolean;
  };
  readonly function: {
    readonly name: 'a function';
    readonly accepts: (value: unknown) => value is Function;
  };
  /** A function whose answer is used at once, which an async function does not give. */
  readonly syncFunction: {
    readonly name: 'a function';
    readonly accepts: (value: unknown) => boolean;
  };
  readonly object: {
    readonly name: 'an object';
    readonly accepts: typeof isObject;
  };
  readonly list: {
    readonly name: 'a list';
    readonly accepts: typeof isList;
  };
  /** Databases number their rows. */
  readonly id: {
    readonly name: 'a string';
    readonly accepts: (value: unknown) => boolean;
  };
  readonly record: {
    readonly name: 'an object';
    readonly accepts: typeof isRecord;
  };
  readonly tags: {
    readonly name: 'a list or an object';
    readonly accepts: typeof isObject;
  };
  readonly any: {
    readonly name: 'anything';
    readonly accepts: () => true;
  };
};
/** The options that say whom a turn is for, wherever they are given. */
declare const sessionKinds: {
  readonly sessionId: readonly [{
    readonly name: 'a string';
    readonly accepts: (value: unknown) => boolean;
  }];
  readonly userId: readonly [{
    readonly name: 'a string';
    readonly accepts: (value: unknown) => boolean;
  }];
  readonly metadata: readonly [{
    readonly name: 'an object';
    readonly accepts: typeof isRecord;
  }];
  readonly tags: readonly [{
    readonly name: 'a list or an object';
    readonly accepts: typeof isObject;
  }];
};
/** An option that is one of a few words. */
declare function oneOf(...words: readonly string[]): OptionKind;
/** The option that every adapter has. */
declare const clientKind: OptionKind;
/**
 * Checks the options that a user gives to an entry point of an adapter. A name that does not exist causes one warning and no
 * error, since hosts may pass more than is meant for us.
 *
 * @param owner - what has the options, as messages name it: `instrumentAISDK()`
 * @param known - what each option may be. @defaultValue `client` alone
 * @param explain - what to say about a name that has a place elsewhere
 * @throws TruLayerError `invalid-option` for a value of the wrong type, which is a mistake in code
 */
declare function checkAdapterOptions(owner: string, options: unknown, known?: OptionKinds, explain?: (name: string) => string | undefined): void;
/**
 * The options that a user gives to an adapter for a single call, without what cannot be used. It never throws, since values
 * are often data of a request.
 */
declare function cleanAdapterOptions<Options extends object>(owner: string, options: Options, known: OptionKinds): Options;
/** Plain data: what `JSON.stringify` writes without loss. */
type JsonValue = string | number | boolean | null | readonly JsonValue[] | {
  readonly [key: string]: JsonValue;
};
/** A JSON object. */
interface JsonObject {
  readonly [key: string]: JsonValue;
}
/** A plain copy of a value as it was at one moment. */
interface Snapshot {
  readonly value: JsonValue;
  /** Rough size of the value as JSON, in bytes of UTF-8. */
  readonly bytes: number;
  /** Whether a limit cut something. */
  readonly truncated: boolean;
}
/** Binary content, described by its type and size. */
interface BlobPart {
  readonly type: 'blob';
  readonly mime_type?: string | undefined;
  readonly bytes?: number | undefined;
}
/** Text that a person, a model or a tool wrote. */
interface TextPart {
  readonly type: 'text';
  readonly content: string;
}
/** What a model thought aloud. */
interface ReasoningPart {
  readonly type: 'reasoning';
  readonly content: string;
}
/** A call that a model asks for. */
interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id?: string | undefined;
  readonly name: string;
  readonly arguments?: unknown;
}
/** What a tool answered to a call. */
interface ToolCallResponsePart {
  readonly type: 'tool_call_response';
  readonly id?: string | undefined;
  readonly response: unknown;
}
/** Content that lives at an address. */
interface UriPart {
  readonly type: 'uri';
  readonly mime_type?: string | undefined;
  readonly uri: string;
}
/** Content that the provider keeps under an id. */
interface FilePart {
  readonly type: 'file';
  readonly mime_type?: string | undefined;
  readonly file_id: string;
}
/** Anything else that a provider may put into a message, under the provider's own type. */
interface OtherPart {
  readonly type: 'other';
  readonly content: unknown;
}
/** One part of a message. */
type MessagePart = TextPart | ReasoningPart | ToolCallPart | ToolCallResponsePart | BlobPart | UriPart | FilePart | OtherPart;
/**
 * A message in the shape of the OpenTelemetry GenAI conventions (`gen_ai.input.messages`), the same from every framework.
 */
interface Message {
  /** `system`, `user`, `assistant` or `tool`; frameworks know a few more. */
  readonly role: string;
  readonly parts: readonly MessagePart[];
}
/** The user's latest text in a list of messages: what a trace shows as its input. */
declare function latestUserText(messages: unknown): string | undefined;
/** All texts of the user in a list of messages, a line each; `undefined` without any. */
declare function userTexts(messages: unknown): string | undefined;
/** The latest text of the model in a list of messages: what a trace shows as its output. */
declare function latestAssistantText(messages: unknown): string | undefined;
/**
 * Media as a part: an address stays an address, and content is replaced by its kind and size, whatever form it came in
 * (base64 text, a data URL, a typed array, an `ArrayBuffer`, a `URL`).
 *
 * @param data - the content or its address
 * @param mediaType - what the framework says that it is; a data URL's own type wins
 */
declare function mediaPart(data: unknown, mediaType: string | undefined): BlobPart | UriPart;
/**
 * Every value of `trulayer.reason`: why a call has a status other than `ok`. The list is closed, so that a reason has the
 * same spelling in the traces of every framework. A new reason is added here and nowhere else.
 */
declare const reasons: {
  /** The caller stopped the work. */
  readonly aborted: 'aborted';
  /** A time limit fired. */
  readonly timeout: 'timeout';
  /** The reader of a stream stopped before its end. */
  readonly readerLeft: 'reader left';
  /** A stream was dropped without being read to its end. */
  readonly neverRead: 'never read';
  /** A person refused the call. */
  readonly rejected: 'rejected';
  /** A guardrail stopped the work. */
  readonly tripwire: 'tripwire';
  /** The call waits for a tool that the client runs. */
  readonly clientTool: 'client tool';
  /** The call waits for a person to approve it. */
  readonly approval: 'approval';
};
/** A value of `trulayer.reason`. */
type Reason = (typeof reasons)[keyof typeof reasons];
/** How a call ends that did not return: it was stopped, or it failed. */
interface FailedEnd {
  readonly status: 'cancelled' | 'error';
  readonly reason?: Reason;
  /** The error behind the status `error`. */
  readonly error?: unknown;
}
/** True once the signal has fired; false for a value that is not a signal. */
declare function hasFired(signal: unknown): signal is AbortSignal;
/**
 * How a call ends that its signal stopped. A time limit that fires is a failure. Any other reason, whatever its name, is
 * a decision of the caller.
 */
declare function stopEnd({ reason }: {
  readonly reason: unknown;
}): FailedEnd;
/**
 * How a call ends that threw.
 *
 * @param signal - what the call could be stopped with. As long as it has not fired, an abort of the call's own making is a
 *   failure like any other
 */
declare function failureEnd(error: unknown, signal: unknown): FailedEnd;
/** The same where the signal is out of reach: the error of an abort decides. */
declare function reportedEnd(error: unknown): FailedEnd;
/** True for an error that a signal carries by default: of an abort, or of a time limit. */
declare function isStopReason(reason: unknown): boolean;
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
/** A token count as providers report it, or `undefined` for what is no count (`NaN` and negative numbers included). */
declare function toTokenCount(value: unknown): number | undefined;
/** Both together; what neither knows stays unknown. */
declare function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined;
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
/** A trace that is over. It is made when it is read, which is not on the stack of the host's call that ended it. */
interface TraceSource {
  readonly traceId: string;
  /** The trace, the same each time. */
  read(): FinishedTrace;
}
/** What a model is asked, as far as it distinguishes one call from another. */
interface AskedModel {
  readonly model: string | undefined;
  /**
   * All texts of the user, as `userTexts` returns them. The latest one alone is often the same for several users: `yes`.
   * Without it the call is found only in its own context.
   */
  readonly text: string | undefined;
}
/** What an adapter knows of a model call of its framework that a library below may record as well. */
interface CallClaim extends AskedModel {
  /** True for a run that stands for several calls, one after the other. */
  readonly isSeries?: boolean;
  /** False while the framework is certainly not about to make the call. */
  isExpected?(): boolean;
  /** Called with the run of the library below that is matched. */
  taken?(run: Run): void;
}
/** Entries for the metadata of a model call. */
type KeptDefinitions = JsonObject;
/** Tags of a trace: a map, or a list in which `key:value` is one tag and any other word is `true`. */
type Tags = Readonly<Record<string, string>> | readonly string[];
/** What may be told of a run, when it starts or at any time until its trace leaves. */
interface RunFields {
  readonly name?: string | undefined;
  /** What it turned out to be: some frameworks tell of a call and of what contains calls in the same way. */
  readonly type?: SpanType | undefined;
  /** What the run was given. Copied at once, since frameworks go on changing what they hand over. */
  readonly input?: unknown;
  /** What the run returned. Copied at once. */
  readonly output?: unknown;
  /** What the run was given, as messages that the adapter has made of it and nobody else holds. */
  readonly inputMessages?: readonly Message[] | undefined;
  /** What the run returned, likewise. */
  readonly outputMessages?: readonly Message[] | undefined;
  /** What the run was given, as `keep` has copied it. */
  readonly keptInput?: Snapshot | undefined;
  /** What the run returned, likewise. */
  readonly keptOutput?: Snapshot | undefined;
  /** The model that was asked for. */
  readonly model?: string | undefined;
  readonly usage?: Usage | undefined;
  /** US dollars. */
  readonly cost?: number | undefined;
  /** US dollars, as the provider of a model reports them. The client's `costOf` may know better. */
  readonly reportedCost?: number | undefined;
  /** Further data that the provider of a model reported, for the client's `costOf`. It is not part of the trace. */
  readonly providerMetadata?: unknown;
  /** The tools that a model may call and the schema of its answer, as `keepDefinitions` has copied them: a part of its input. */
  readonly definitions?: KeptDefinitions | undefined;
  /** Merged into what is there. Keys with `undefined` are left out. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Merged into the tags of the trace. */
  readonly tags?: Tags | undefined;
  /** The session as it was given on the call. */
  readonly sessionId?: string | undefined;
  /** The framework's own conversation or thread, the session of a turn that was given none. */
  readonly conversationId?: string | undefined;
  readonly userId?: string | undefined;
  /** The framework's own id of whom it works for, the user of a turn that was given none. */
  readonly resourceId?: string | undefined;
  readonly externalId?: string | undefined;
  /** A failure that the program handled: the run will end as `error` although it goes on. */
  readonly handledError?: unknown;
  /**
   * True for plumbing of the framework: the run is left out of the trace and its children move up, unless an error
   * arose in it.
   */
  readonly folded?: boolean | undefined;
  /** True while the host holds a stream of this run: work that goes on as long as somebody reads. */
  readonly held?: boolean | undefined;
}
/** A run that starts. */
interface RunStart extends RunFields {
  readonly name: string;
  readonly type: SpanType;
  /**
   * The framework's own id of the run, with the adapter's name in front unless it is random. A key that is open already
   * starts nothing: the same event often arrives twice.
   */
  readonly key?: string | undefined;
  /** The run that contains this one, where the adapter knows it. */
  readonly parent?: Run | undefined;
  /** The key of the run that contains this one. A parent whose trace has left makes this run late. */
  readonly parentKey?: string | undefined;
  /**
   * True where the framework takes `parentKey` from a context of its own, which another framework's run inside it does
   * not change: an active span that lies inside that parent is then nearer.
   */
  readonly isParentAmbient?: boolean | undefined;
  /**
   * Set for the call of a framework which is made by a library below that may be instrumented as well: what is recorded of
   * the same call there is not shown again.
   */
  readonly claims?: CallClaim | undefined;
  /** What an operation is about to ask a model, for a framework whose context does not reach the operation. */
  readonly asks?: (() => AskedModel | undefined) | undefined;
  /** True for a run that begins a trace of its own wherever it starts. */
  readonly newTrace?: boolean | undefined;
  /** The name that the trace is to have in place of the run's own, should this run be its root. */
  readonly traceName?: string | undefined;
  /** The id that the trace is to have, should this run be its root. */
  readonly traceId?: string | undefined;
  /** When it started, by the monotonic clock, where that lies before now: what a framework tells of only afterwards. */
  readonly startedAt?: number | undefined;
  /** False keeps inputs out of this run and of those inside it. @defaultValue as in the run above, else in the client */
  readonly recordInputs?: boolean | undefined;
  /** False keeps outputs out, likewise. Without either, messages of errors are left out too. */
  readonly recordOutputs?: boolean | undefined;
  /**
   * Called when the trace leaves while the run is open, nothing else having ended it: the last chance to tell what has
   * come so far.
   */
  readonly onClose?: (() => RunFields) | undefined;
}
/** How a run ends. */
interface RunEnd extends RunFields {
  /** @defaultValue `ok`; `error` where an error was told before */
  readonly status?: SpanStatus | undefined;
  /** Why it has a status other than `ok`. */
  readonly reason?: Reason | undefined;
  /** The error behind the status `error`. */
  readonly error?: unknown;
  /** The text to show in place of the error's own message, where a framework put more into it than what went wrong. */
  readonly errorMessage?: string | undefined;
  /** When it ended, by the monotonic clock, where that lies before now. */
  readonly endedAt?: number | undefined;
}
/**
 * A run as it is recorded: one call of a model, a tool, a store, or of anything that contains such calls. Only the
 * recorder changes it.
 */
declare class Run {
  #private;
  readonly key: string | undefined;
  readonly turn: Turn;
  readonly parent: Run | undefined;
  type: SpanType;
  /** By the monotonic clock. */
  readonly startedAt: number;
  readonly recordInputs: boolean;
  readonly recordOutputs: boolean;
  /** Tells of what has come so far, should the trace leave before the run has ended. */
  onClose: (() => RunFields) | undefined;
  /** The framework's run that is the same call, where this one is what the library below tells of it: never shown. */
  readonly claimedBy: Run | undefined;
  /** What the library below was billed for this call. */
  usageBelow: Usage | undefined;
  name: string;
  isFolded: boolean;
  isHeld: boolean;
  /** False for a run beyond the limit of its trace: it keeps its children's parents and is not shown. */
  isShown: boolean;
  /** True where the error of this run arose in it and not in a run below. */
  isErrorOrigin: boolean;
  endedAt: number | undefined;
  status: SpanStatus | undefined;
  error: string | undefined;
  input: JsonValue | undefined;
  output: JsonValue | undefined;
  model: string | undefined;
  usage: Usage | undefined;
  cost: number | undefined;
  /** Cost in US dollars that the provider reported. */
  reportedCost: number | undefined;
  /** Cost in US dollars that the library below reported for this call. */
  costBelow: number | undefined;
  /** Kept only where the client has a `costOf`. */
  providerMetadata: JsonValue | undefined;
  metadata: Record<string, JsonValue> | undefined;
  /**
   * What the adapter that started it remembers besides, and other copies of that adapter as well. A field and not a
   * `WeakMap`, since each collection of garbage pays for every entry of one.
   */
  notes: unknown;
  constructor(start: {
    readonly key: string | undefined;
    readonly turn: Turn;
    readonly parent: Run | undefined;
    readonly type: SpanType;
    readonly startedAt: number;
    readonly name: string;
    readonly recordInputs: boolean;
    readonly recordOutputs: boolean;
    readonly onClose: (() => RunFields) | undefined;
    readonly claimedBy: Run | undefined;
  });
  /** The id of its span. Made when it is asked for, as that of plumbing never is. */
  get id(): string;
  /** True until its end was told. */
  get isOpen(): boolean;
  /** True for a run that is `other` or that lies below it, itself included. */
  isInside(other: Run): boolean;
  /** The run itself or the nearest one above it that is still open; `undefined` once its trace has left. */
  nearestOpen(): Run | undefined;
}
/** How well a session id is known; a better source replaces a worse one (rule 9 of the trace). */
declare const sessionRank: {
  readonly own: 0;
  readonly conversation: 1;
  readonly context: 2;
  readonly call: 3;
};
/** One of the ranks of a session id. */
type SessionRank = (typeof sessionRank)[keyof typeof sessionRank];
/** An event that was told inside a turn. */
interface RecordedEvent {
  readonly id: string;
  readonly run: Run | undefined;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly metadata: Record<string, JsonValue>;
}
/** A turn as it is recorded: everything from the start of its outermost run until its trace leaves. */
declare class Turn {
  #private;
  /** The id of the trace. */
  readonly id: string;
  /** The recorder that keeps it: runs of another client are no parents. */
  readonly owner: object;
  /** The wall clock's reading when the turn began, and the monotonic one's at the same moment. */
  readonly wallAnchor: number;
  readonly monotonicAnchor: number;
  /** The call of a wrapped handler that it began in. */
  readonly call: object | undefined;
  /** Every run, in order of start; the first is the root. */
  readonly runs: Run[];
  readonly events: RecordedEvent[];
  readonly tags: Record<string, string>;
  readonly metadata: Record<string, JsonValue>;
  /** Its name, where that is not the root's. */
  name: string | undefined;
  sessionId: string;
  sessionRank: SessionRank;
  userId: string | undefined;
  externalId: string | undefined;
  /** Runs that have not ended. */
  openRuns: number;
  /** Open runs whose stream the host holds. */
  heldRuns: number;
  /** Runs that are not plumbing. */
  shownRuns: number;
  /** Runs beyond the limit. */
  hiddenRuns: number;
  /** Rough size of what it holds. */
  bytes: number;
  /** By the monotonic clock. */
  lastEventAt: number;
  hasLeft: boolean;
  constructor(start: {
    readonly id: string;
    readonly owner: object;
    readonly wallAnchor: number;
    readonly monotonicAnchor: number;
    readonly call?: object | undefined;
  });
  /** The outermost run, which is the trace. */
  get root(): Run | undefined;
  /** Takes a session id unless a better one is known. Of two equally good ones the first stays. */
  offerSession(sessionId: string | undefined, rank: SessionRank): void;
  /** An instant of the monotonic clock as milliseconds since 1970, by the turn's one reading of the wall clock. */
  toWallClock(instant: number): number;
  /** Keeps an open run that is beyond the limit, and so not among `runs`. */
  hide(run: Run): void;
  /** Lets go of a hidden run that has ended. */
  unhide(run: Run): void;
  /** The open runs beyond the limit. */
  hiddenOpenRuns(): readonly Run[];
  /** Remembers an error, and answers whether no run has told it before. */
  noteError(error: unknown): boolean;
  /** Lets go of what its runs were given and returned, once its trace is made: contexts of the host may hold a run for long. */
  release(): void;
  /** Lets go of everything but ids. */
  forget(): void;
}
/** How long a turn may wait, in milliseconds without an event. */
interface CompletionLimits {
  /** After its root has ended, while something in it is open. */
  readonly grace: number;
  /** While the host holds a stream of it. */
  readonly streamIdle: number;
  /** While its root is open and nothing is held. */
  readonly turnIdle: number;
}
/** What `withSession` lays over the turns that start inside it. */
interface SessionContext {
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly tags?: Tags | undefined;
  /** The name of the traces. */
  readonly traceName?: string | undefined;
}
/** What flows with the host's asynchronous calls. Never changed, only replaced for what is called inside. */
interface Frame {
  /** The active run of each client that has one. Mostly one. */
  readonly runs: readonly Run[];
  readonly session?: SessionContext | undefined;
  readonly isSuppressed?: boolean | undefined;
  /** The call of a wrapped handler that this belongs to. */
  readonly call?: object | undefined;
}
/** Calls `callback` with `run` as the active one of its client. */
declare function withRun<Result>(run: Run, callback: () => Result): Result;
/** Tags as a map; in a list `key:value` is `key = value` and any other word is `true`. */
declare function toTagMap(tags: Tags | undefined): Record<string, string>;
/**
 * Answers with the key of the run that is current in a framework's own context, for frameworks whose tools cannot be put
 * into ours. It must be cheap and may throw.
 */
type AmbientLookup = () => string | undefined;
/** Adds the look-up of an adapter, under the adapter's name; a second one of that name changes nothing. */
declare function addAmbientLookup(adapter: string, lookup: AmbientLookup): void;
/** What the client knows and the turn does not. */
interface ProjectionOptions {
  readonly environment?: string | undefined;
  /** The price of a model call in US dollars, where the run itself does not know it. */
  readonly costOf?: ((run: Run) => number | undefined) | undefined;
}
/** Bounds of what is recorded, all of them options of the client. */
interface RecorderLimits extends CompletionLimits {
  /** Turns that are open at the same time. */
  readonly openTurns: number;
  /** Rough bytes that open turns hold. */
  readonly openTurnBytes: number;
  /** Spans that one trace shows. */
  readonly spansPerTrace: number;
  /** Rough bytes of one input, output or metadata value. */
  readonly fieldBytes: number;
  /** Bytes of the tool definitions of one model call, and of its response schema. */
  readonly toolDefinitionBytes: number;
}
/** What a recorder is made with. */
interface RecorderOptions {
  readonly limits: RecorderLimits;
  readonly recordInputs: boolean;
  readonly recordOutputs: boolean;
  readonly projection: ProjectionOptions;
  /** False while nothing is to be recorded; asked whenever a turn is about to begin. */
  isEnabled(): boolean;
  /** False where what happens must be recorded at once. Asked when nothing waits. */
  mayPostpone(): boolean;
  /** Hears of each turn that is over, on the stack of the run that ended last. Its trace is made when it is read. */
  onFinished(turn: TraceSource): void;
}
/** What a recorder has seen. */
interface RecorderStats {
  readonly open: number;
  readonly recordedTraces: number;
  readonly recordedSpans: number;
  /** Runs whose trace had left when they came. */
  readonly late: number;
  /** Runs beyond the limit of their trace. */
  readonly hiddenSpans: number;
  /** Turns that left early because a bound was reached, by bound. */
  readonly cut: Readonly<Record<string, number>>;
}
/**
 * Keeps the open turns of one client: takes starts, updates and ends of runs in whatever order a framework tells them,
 * and hands on each trace once, whole, when its turn is over.
 *
 * Starts and ends are idempotent: the first terminal state of a run wins, and a key that is open starts nothing.
 */
declare class Recorder {
  #private;
  constructor(options: RecorderOptions);
  /**
   * Records something a little later as if now, which costs far less where a framework tells of much: in the order in which
   * it happened, and before this recorder is asked or told anything else. Where nothing may wait it is done at once.
   *
   * @param where - what is recorded, for the line that tells of a fault in it
   * @param record - uses the recorder, and reads nothing that the host may have changed meanwhile
   * @param isStart - true where it may start a run whose parent only the context knows
   */
  later(where: string, record: () => void, isStart?: boolean): void;
  /** Records what waits. Whatever depends on it does so by itself. */
  settle(): void;
  /** The monotonic clock as it stood when that happened which is being recorded. */
  now(): number;
  /** Copies a value as it is now, to be recorded later as an input or an output. */
  keep(value: unknown): Snapshot | undefined;
  /** A copy of what the provider of a model reported, where the client has a `costOf` that receives it. */
  keepProviderMetadata(value: unknown): Snapshot | undefined;
  /** A copy of the tools that a model may call, in the form of any provider, and of the JSON Schema of its answer. */
  keepDefinitions(source: {
    readonly tools?: unknown;
    readonly responseSchema?: unknown;
  }): KeptDefinitions | undefined;
  /** The same for messages that the adapter has made and nobody else holds. */
  keepMessages(messages: readonly Message[]): Snapshot;
  /** One list of what `keepMessages` has copied, which is not copied again. */
  joinMessages(lists: readonly Snapshot[]): Snapshot;
  /**
   * Starts a run. The parent is the explicit one, else the innermost active one; without either the run is the root of a
   * new turn.
   *
   * @returns the run; the one that is open already when its key is; `undefined` when nothing is recorded, because the
   *   client records nothing, the caller suppressed it, or the trace of its parent has left
   */
  start(start: RunStart): Run | undefined;
  /** The run with that key, as long as its trace has not left. */
  find(key: string): Run | undefined;
  /** Like `find`, of what is recorded already: a run that waits to be recorded is not there yet. */
  peek(key: string): Run | undefined;
  /** The id of the trace that holds the run with that key, for a while after the trace has left as well. */
  traceIdOf(key: string): string | undefined;
  /** Whether the trace with that id has not left yet. */
  hasOpenTrace(traceId: string): boolean;
  /** Whether a trace of this process has that id, or had it not long ago. */
  hasUsed(traceId: string): boolean;
  /** Tells more of a run. Possible until its trace leaves; what comes later is counted as late. */
  update(run: Run | undefined, fields: RunFields): void;
  /**
   * Tells that a run goes on, as the parts of a stream do that come by the hundred: a trace in which something happens is
   * not taken for abandoned. Nearly free.
   */
  touch(run: Run | undefined): void;
  /** Ends a run. The first end wins. */
  end(run: Run | undefined, end?: RunEnd): void;
  /** Ends a run with an error: what the host's function threw, or what the framework reported. */
  fail(run: Run | undefined, error: unknown, end?: RunEnd): void;
  /**
   * Replaces how a run ended, where the end of the run around it shows the cause. Nothing happens once its trace has left.
   */
  revise(run: Run, { status, reason, error }: FailedEnd): void;
  /** Adds an event to a run, or to the active one. Without any it is lost, for a trace is needed to hold it. */
  event(run: Run | undefined, message: string, details?: {
    readonly level?: 'info' | 'warn' | 'error' | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  }): void;
  /** The innermost active run: of the frame and of every look-up, without those that have ended. */
  active(frame?: Frame): Run | undefined;
  /** False where a run that starts here without a parent is certainly the root of a new turn. */
  hasContext(): boolean;
  /** Closes every open turn as `incomplete` (`cancelled` where its root was) and hands its trace on. */
  closeAll(): void;
  /** Whether a turn that began in this call has a stream which the host holds. */
  isHeld(call: object): boolean;
  /** Like `closeAll`, for the turns that began in this call. */
  closeCall(call: object): void;
  stats(): RecorderStats;
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
/** Tells a serverless platform to let a promise finish after the answer has left. */
type WaitUntil = (promise: Promise<unknown>) => void;
/** Where the library's own few lines go. `console` is one. */
interface Logger {
  debug?(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
/** A logger that can say a thing once. */
interface OnceLogger {
  /** Writes a detail, only where debugging is on. */
  debug(message: string): void;
  /** Writes `message`; where `key` is given, only the first time for that key. */
  warn(message: string, key?: string): void;
  /** Writes `message`; where `key` is given, only the first time for that key. */
  error(message: string, key?: string): void;
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
 * A value that follows the flow of asynchronous calls. Where the runtime has nothing of the kind no value ever flows:
 * a process-wide variable instead would mix up requests that run at the same time.
 */
interface AsyncContext<Value> {
  /** Calls `callback` with `value` as the current one, for everything that it starts as well. */
  run<Result>(value: Value, callback: () => Result): Result;
  /** The current value. */
  current(): Value | undefined;
  /**
   * Makes `value` the current one for the rest of the asynchronous function that is running, and for what it starts. Only for
   * a framework that notifies of a beginning and calls nothing that could be run inside.
   *
   * @returns false where the runtime cannot do it, as Workers
   */
  enter(value: Value): boolean;
}
/**
 * The context under `name`, the same for every copy of the library in the process.
 *
 * The storage is found on first use and not at load, so that one which a user hands in (`asyncLocalStorage`) or which
 * the runtime brings later is still found.
 */
declare function asyncContext<Value>(name: string): AsyncContext<Value>;
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
/**
 * The recorder of the client that an adapter was handed, else of the global one. Adapters ask when a run starts, since the
 * global client may be made or replaced after them.
 */
declare function resolveRecorder(client: TruLayer | undefined): Recorder;
/** The logger of the client that an adapter was handed, else of the global one. */
declare function resolveLogger(client: TruLayer | undefined): OnceLogger;
/**
 * Runs a piece of an adapter so that a fault in it never reaches the host: what it throws is told once and forgotten, and
 * `undefined` is returned. The only `catch` that an adapter needs.
 *
 * @param where - what was being done, for the line that tells of the fault
 */
declare function guard<Result>(where: string, work: () => Result): Result | undefined;
/** Records what waits in any client of the process. */
declare function settlePostponed(): void;
/** What hears that an object is gone which nobody had read to its end. */
interface Collectable {
  collected(): void;
}
/** Tells the listener when an object is collected. The listener must not hold the object. */
declare function onCollected(target: object, listener: Collectable): void;
/**
 * A map of at most `limit` entries, which forgets the oldest: at least the newest half of that number is always there. Setting a
 * key again makes it the newest.
 *
 * Entries stand in two generations, and the older one is let go of as a whole. Taking the oldest entry out for each that
 * comes makes a large map slow, and every run of every turn passes here.
 */
declare class BoundedMap<Key, Value> {
  #private;
  constructor(limit: number);
  /** What it holds, entries that a newer one has replaced included: never more than the limit. */
  get size(): number;
  has(key: Key): boolean;
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}
/** Calls work in an async context that was captured before. */
type RunInContext = <Result>(work: () => Result) => Result;
/** Captures the current async context; `undefined` where the runtime cannot. */
declare function captureContext(): RunInContext | undefined;
/** Milliseconds by a clock that never goes back; its zero means nothing. */
declare function monotonicClock(): number;
/** What follows a tracing channel. Nothing of it may throw. */
interface ChannelFollower {
  /**
   * By the name of a context, the value that it has inside the operation of a message. Called for each message before its
   * operation begins.
   */
  readonly contexts: Readonly<Record<string, (message: unknown) => unknown>>;
  /** Called when the operation of a message has ended. The message then has its `result` or its `error`. */
  readonly ended: (message: unknown) => void;
}
/**
 * Follows a tracing channel of Node's `diagnostics_channel`, on which a library publishes its operations.
 *
 * @returns a function that ends it; `undefined` where the runtime has no such channels
 */
declare function followTracingChannel(name: string, { contexts, ended }: ChannelFollower): (() => void) | undefined;
/** A timer that can be stopped. */
interface Timer {
  stop(): void;
}
/** How a timer runs. */
interface TimerOptions {
  /**
   * Keeps the process alive until the timer has run. On runtimes whose timers are plain numbers (browsers, Workers) it
   * makes no difference.
   */
  readonly keepAlive?: boolean;
  /**
   * Runs the callback outside the caller's async context, which the timer would keep alive otherwise: for timers that
   * serve the whole process. Without it a callback can still find the request that it belongs to (`waitUntil`).
   */
  readonly detached?: boolean;
}
/** Runs `callback` once after `milliseconds`. */
declare function startTimer(callback: () => void, milliseconds: number, options?: TimerOptions): Timer;
/**
 * The value that every copy of the library shares under `name`, made on first use. Callers agree on its type by
 * agreeing on its name: one module owns a name.
 */
declare function shared<Value>(name: string, create: () => Value): Value;
/** The UUID in lower case, or `undefined` for what is none. */
declare function toUuid(value: unknown): string | undefined;
/**
 * Every metadata key that core and the adapters write. The `gen_ai` names are those of the OpenTelemetry GenAI semantic
 * conventions, `user.id`, `deployment.environment.name` and `exception.stacktrace` of the general ones; `trulayer` ones
 * are our own. A new key is added here and nowhere else.
 */
declare const attributes: {
  readonly operationName: 'gen_ai.operation.name';
  readonly providerName: 'gen_ai.provider.name';
  readonly requestModel: 'gen_ai.request.model';
  readonly requestTemperature: 'gen_ai.request.temperature';
  readonly requestTopP: 'gen_ai.request.top_p';
  readonly requestTopK: 'gen_ai.request.top_k';
  readonly requestMaxTokens: 'gen_ai.request.max_tokens';
  readonly requestFrequencyPenalty: 'gen_ai.request.frequency_penalty';
  readonly requestPresencePenalty: 'gen_ai.request.presence_penalty';
  readonly requestStopSequences: 'gen_ai.request.stop_sequences';
  readonly requestSeed: 'gen_ai.request.seed';
  readonly responseId: 'gen_ai.response.id';
  readonly responseModel: 'gen_ai.response.model';
  readonly responseFinishReasons: 'gen_ai.response.finish_reasons';
  readonly usageCacheRead: 'gen_ai.usage.cache_read.input_tokens';
  readonly usageCacheWrite: 'gen_ai.usage.cache_write.input_tokens';
  readonly usageReasoning: 'gen_ai.usage.reasoning.output_tokens';
  readonly toolCallId: 'gen_ai.tool.call.id';
  readonly toolDefinitions: 'gen_ai.tool.definitions';
  readonly outputType: 'gen_ai.output.type';
  readonly agentName: 'gen_ai.agent.name';
  readonly userId: 'user.id';
  readonly deploymentEnvironment: 'deployment.environment.name';
  readonly exceptionStacktrace: 'exception.stacktrace';
  readonly costUsd: 'cost_usd';
  readonly status: 'trulayer.status';
  readonly reason: 'trulayer.reason';
  readonly guardrail: 'trulayer.guardrail';
  readonly timeToFirstToken: 'trulayer.ttft_ms';
  readonly attempt: 'trulayer.attempt';
  readonly framework: 'trulayer.framework';
  readonly frameworkVersion: 'trulayer.framework_version';
  readonly late: 'trulayer.late';
  readonly synthetic: 'trulayer.synthetic';
  readonly cached: 'trulayer.cached';
  readonly estimated: 'trulayer.estimated';
  readonly handoffTo: 'trulayer.handoff_to';
  readonly responseSchema: 'trulayer.response_schema';
  readonly artifact: 'trulayer.artifact';
  readonly branch: 'trulayer.branch';
  readonly iteration: 'trulayer.iteration';
  readonly resumedFrom: 'trulayer.resumed_from';
  readonly truncated: 'trulayer.truncated';
  readonly relayed: 'trulayer.relayed';
};
/**
 * What went wrong, in a word that does not change:
 *
 * - `invalid-option`: an option has the wrong type or value;
 * - `key-in-browser`: an API key was handed to a client in a browser;
 * - `invalid-argument`: a method was called with something that it cannot take;
 * - `delivery-failed`: with `failMode: 'block'`, traces were lost.
 */
type TruLayerErrorCode = 'invalid-option' | 'key-in-browser' | 'invalid-argument' | 'delivery-failed';
/** An error that this library throws on purpose. It does so for mistakes in code alone, and at once. */
declare class TruLayerError extends Error {
  readonly name: string;
  /** What went wrong, for programs. */
  readonly code: TruLayerErrorCode;
  constructor(code: TruLayerErrorCode, message: string, options?: ErrorOptions);
  /** True for an error of any installed copy of this library, where `instanceof` fails. */
  static isInstance(error: unknown): error is TruLayerError;
}
/**
 * What to throw where a function was expected.
 *
 * @param signature - how the method is called: `trace(name, work, options)`
 * @param parameter - the parameter that must be a function
 * @param value - what was passed in its place
 */
declare function functionError(signature: string, parameter: string, value: unknown): TruLayerError;
/** How objects of a framework are shown; `undefined` for every other object. */
type ObjectForm = (value: Fields) => unknown;
/**
 * Adds a form for objects of a framework whose `toJSON` is made for storing them, and not for reading. It is asked for objects
 * with a `toJSON` alone.
 */
declare function addObjectForm(form: ObjectForm): void;
/**
 * The cost of a call in US dollars, as a gateway or a provider reports it: a `cost`, of its own or in `usage`, as a number, as
 * text, or as an object with a total. `undefined` where no place has one.
 *
 * @param places - where the cost may be, the best first
 */
declare function reportedCost(places: readonly unknown[]): number | undefined;
/**
 * The text of a failure that the result of a tool reports instead of an error being thrown: a result of MCP with
 * `isError: true`, also as JSON text, or a call of an MCP server that the provider made and that has an `error`.
 * `undefined` for any other result.
 */
declare function reportedFailure(result: unknown): string | undefined;
/**
 * Tokens as a provider writes them, in the shape that tells the most of them; `undefined` where there are none or all of
 * them are zero, which is what integrations begin to count with.
 */
declare function mapRawUsage(raw: unknown): Usage | undefined;
/**
 * The trace of a line of JSON in the shape of the wire, as replay files hold it; `undefined` for what is none. Texts that
 * are JSON of a list or an object become that again.
 */
declare function fromWireTrace(value: unknown): FinishedTrace | undefined;
/** At most `length` units of the text, mark included, and no half of a word at the end. */
declare function cutAtWord(text: string, length: number): string;
/** A span as the ingest API takes it. */
interface WireSpan {
  readonly id: string;
  readonly trace_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly type: FinishedSpan['type'];
  readonly input: string | null;
  readonly output: string | null;
  readonly model: string | null;
  readonly latency_ms: number;
  readonly cost?: number;
  readonly error: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly metadata: JsonObject;
  readonly start_time: string;
  readonly end_time: string;
}
/** An event as the ingest API takes it. */
interface WireEvent {
  readonly id: string;
  readonly span_id: string | null;
  readonly level: TraceEvent['level'];
  readonly message: string;
  readonly metadata: JsonObject;
}
/** A trace as the ingest API takes it. */
interface WireTrace {
  readonly id: string;
  readonly project_id?: string;
  readonly session_id: string;
  readonly external_id: string | null;
  readonly name: string;
  readonly input: string | null;
  readonly output: string | null;
  readonly model: string | null;
  readonly latency_ms: number;
  readonly cost?: number;
  readonly error: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: JsonObject;
  readonly spans: readonly WireSpan[];
  readonly events: readonly WireEvent[];
  readonly started_at: string;
  readonly ended_at: string;
}
/**
 * A trace in the shape of `POST /v1/ingest`. Instants carry microseconds, so that the order of starts survives.
 *
 * @param options.projectName - the project that the trace goes to; the field is called `project_id` on the wire
 */
declare function toWireTrace(trace: FinishedTrace, options?: {
  readonly projectName?: string | undefined;
}): WireTrace;
export { type AskedModel, type AsyncContext, BoundedMap, type CallClaim, type Collectable, type FailedEnd, type Fields, type Message, type MessagePart, type OptionKind, type Path, type Reason, type Recorder, type Run, type RunEnd, type RunFields, type RunInContext, type RunStart, type Snapshot, type WireSpan, type WireTrace, addAmbientLookup, addObjectForm, addUsage, asyncContext, attributes, captureContext, checkAdapterOptions, cleanAdapterOptions, clientKind, cutAtWord, failureEnd, followTracingChannel, fromWireTrace, functionError, guard, hasFired, isList, isObject, isStopReason, isText, kinds, latestAssistantText, latestUserText, mapRawUsage, mediaPart, monotonicClock, onCollected, oneOf, read, readExport, readList, readText, reasons, reportedCost, reportedEnd, reportedFailure, resolveLogger, resolveRecorder, sessionKinds, settlePostponed, shared, startTimer, stopEnd, toTagMap, toTokenCount, toUuid, toWireTrace, userTexts, withRun };