import { Tags, TruLayer } from "@trulayer/core";
/** Answers with the span of Mastra's that is under way here. */
type CurrentSpan = () => unknown;
/** A span as exporters receive it, a copy for every event. */
interface MastraSpan {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** 32 hexadecimal digits, fewer where the caller chose them. */
  readonly traceId: string;
  readonly name: string;
  readonly type: string;
  readonly entityId?: string | undefined;
  /** Since version 1; before, ids stand in the attributes. */
  readonly entityName?: string | undefined;
  readonly attributes?: unknown;
  readonly metadata?: unknown;
  /** On roots alone. */
  readonly tags?: unknown;
  /** Since observability 1.4. */
  readonly requestContext?: unknown;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly errorInfo?: unknown;
  /** True for a moment without a length, of which only the end is told. */
  readonly isEvent?: boolean | undefined;
  /** True for a resumed run too, which has a parent. */
  readonly isRootSpan?: boolean | undefined;
  /** The nearest span above that is exported, or that a filter dropped. */
  readonly parentSpanId?: string | undefined;
  /** A span of another process. Up to observability 1.16 it stands in `parentSpanId`. */
  readonly externalParentSpanId?: string | undefined;
}
/** What exporters are told. */
interface MastraTracingEvent {
  /** `span_started`, `span_updated` or `span_ended`. */
  readonly type: string;
  readonly exportedSpan: MastraSpan;
}
/** A line of Mastra's log, since version 1. */
interface MastraLogEvent {
  readonly log: {
    readonly level: string;
    readonly message: string;
    readonly traceId?: string | undefined;
    readonly spanId?: string | undefined;
  };
}
/** What a scorer says of a run, since 1.10. */
interface MastraScoreEvent {
  readonly score: {
    readonly score: number;
    readonly traceId?: string | undefined;
    readonly spanId?: string | undefined;
    readonly reason?: string | undefined;
    readonly scorerId?: string | undefined;
    readonly scorerName?: string | undefined;
  };
}
/** The same before 1.10. */
interface MastraTraceScore {
  readonly traceId: string;
  readonly spanId?: string | undefined;
  readonly score: number;
  readonly reason?: string | undefined;
  readonly scorerName: string;
}
/** What a person says of a run, since 1.10. */
interface MastraFeedbackEvent {
  readonly feedback: {
    readonly value: number | string;
    readonly traceId?: string | undefined;
    readonly spanId?: string | undefined;
    readonly comment?: string | undefined;
    readonly feedbackType?: string | undefined;
    readonly feedbackSource?: string | undefined;
    readonly feedbackUserId?: string | undefined;
  };
}
/** Which spans are shown: `auto` what you named and what it called, `all` every span of Mastra's, plumbing included. */
type ShownSpans = 'auto' | 'all';
/** How an exporter records. */
interface TruLayerExporterOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something happens */
  readonly client?: TruLayer | undefined;
  /** Which spans are shown. @defaultValue `auto` */
  readonly nodes?: ShownSpans | undefined;
  /** True sends the scores of scorers as feedback of the trace that they judge. @defaultValue `false` */
  readonly scores?: boolean | undefined;
  /** True sends what `observability.addFeedback` is told. @defaultValue `false` */
  readonly feedback?: boolean | undefined;
  /** How long `flush` and `shutdown` may take, in milliseconds. @defaultValue 10000 */
  readonly flushTimeout?: number | undefined;
  /**
   * `getCurrentSpan` of `@mastra/core/observability/context-storage`, for programs whose bundler hides that module: with it
   * an agent that a tool holds on to, and calls of other frameworks in a tool, hang under the tool. Since Mastra 1.30.
   *
   * @defaultValue looked for when the exporter is made
   */
  readonly getCurrentSpan?: CurrentSpan | undefined;
}
/**
 * Records what runs in Mastra: each turn of an agent or workflow is one trace, with a span for every call of a model and of
 * a tool and for every step and agent inside.
 *
 * One exporter may serve the whole process. Its methods are Mastra's to call; all are synchronous at heart, so that Mastra
 * never waits for the network but in `flush` and `shutdown`. `onTracingEvent` is called by the versions that know it,
 * `exportTracingEvent` by the others of version 1, `exportEvent` by version 0.
 *
 * @example
 * ```ts
 * new Mastra({
 *   agents,
 *   observability: new Observability({
 *     configs: { default: { serviceName: 'support', exporters: [new TruLayerExporter()] } },
 *   }),
 * })
 * ```
 */
declare class TruLayerExporter {
  #private;
  /** Under this name Mastra tells exporters apart. */
  readonly name = "trulayer";
  /** @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist */
  constructor(options?: TruLayerExporterOptions);
  /** Without a promise, which Mastra would have to keep for every event. */
  onTracingEvent(event: MastraTracingEvent): void;
  exportTracingEvent(event: MastraTracingEvent): Promise<void>;
  exportEvent(event: MastraTracingEvent): Promise<void>;
  /**
   * A warning or an error in the log inside an open trace becomes an event of it. Its message alone: up to 1.30 Mastra logs
   * every step, with whole prompts and its own objects as data.
   */
  onLogEvent({ log }: MastraLogEvent): void;
  onScoreEvent(event: MastraScoreEvent): void;
  /** How versions before 1.10 tell a score; later ones call it where they have no better way, or besides. */
  addScoreToTrace(score: MastraTraceScore): Promise<void>;
  onFeedbackEvent(event: MastraFeedbackEvent): void;
  /** Ships what has finished, in bounded time. A turn that is still running is not cut. */
  flush(): Promise<void>;
  /** Like `flush`: two instances of Mastra may share an exporter, and the client is not the exporter's to end. */
  shutdown(): Promise<void>;
}
/**
 * What `trulayerObservability` takes: options of the exporter, and fields of the config of Mastra. Other fields of that config
 * are added to what it returns: `{ ...trulayerObservability(), sampling }`.
 */
interface TruLayerObservabilityOptions<Exporter = never> {
  /** The name of the service, as Mastra shows it. @defaultValue `mastra` */
  readonly serviceName?: string | undefined;
  /** Other exporters beside ours. */
  readonly exporters?: readonly Exporter[] | undefined;
  /** Of our exporter. */
  readonly trulayer?: TruLayerExporterOptions | undefined;
  /** Limits of Mastra's own. What is left out is raised. */
  readonly serializationOptions?: {
    readonly maxStringLength?: number | undefined;
    readonly maxDepth?: number | undefined;
    readonly maxArrayLength?: number | undefined;
    readonly maxObjectKeys?: number | undefined;
  } | undefined;
}
/** One of the `configs` of Mastra's observability. */
interface MastraObservabilityConfig<Exporter = never> {
  readonly serviceName: string;
  readonly exporters: (TruLayerExporter | Exporter)[];
  readonly serializationOptions: {
    readonly maxStringLength: number;
    readonly maxDepth: number;
    readonly maxArrayLength: number;
    readonly maxObjectKeys: number;
  };
}
/**
 * A config for Mastra's observability that sends to TruLayer, with Mastra's own limits raised so that long threads stay
 * whole; ours come later, and keep what was said last.
 *
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 * @example
 * ```ts
 * new Mastra({
 *   agents,
 *   observability: new Observability({ configs: { default: trulayerObservability({ serviceName: 'support' }) } }),
 * })
 * ```
 */
declare function trulayerObservability<Exporter = never>(options?: TruLayerObservabilityOptions<Exporter>): MastraObservabilityConfig<Exporter>;
/** Which client recorded the run. */
interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined;
}
/**
 * The id of the trace that a run of Mastra went into, for `submitFeedback`.
 *
 * @param resultOrTraceId - what `generate`, `stream` or a workflow's run returned, a stream before it is read included; or
 *   its `traceId`
 * @returns a lower-case UUID; `undefined` for what holds no trace id. A run of another process is taken for the first of
 *   its trace
 *
 * @example
 * ```ts
 * const answer = await agent.generate(question)
 * await getClient().submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })
 * ```
 */
declare function trulayerTraceId(resultOrTraceId: unknown, options?: TraceIdOptions): string | undefined;
/** Whom and what a call is for. */
interface TruLayerCall {
  /** The conversation that the turn belongs to. */
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly tags?: Tags | undefined;
  /** Shown in the trace's metadata. Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
/**
 * Tracing options that say whom a call is for, in every version of Mastra.
 *
 * @param tracingOptions - other tracing options of the call, which stay
 *
 * @example
 * ```ts
 * await agent.generate(question, { tracingOptions: withTruLayer({ sessionId, userId, tags: ['plan:pro'] }) })
 * ```
 */
declare function withTruLayer<Options extends object = object>(call: TruLayerCall, tracingOptions?: Options): Options & {
  metadata: Record<string, unknown>;
};
export { type CurrentSpan, type MastraFeedbackEvent, type MastraLogEvent, type MastraObservabilityConfig, type MastraScoreEvent, type MastraSpan, type MastraTraceScore, type MastraTracingEvent, type ShownSpans, type TraceIdOptions, type TruLayerCall, TruLayerExporter, type TruLayerExporterOptions, type TruLayerObservabilityOptions, trulayerObservability, trulayerTraceId, withTruLayer };