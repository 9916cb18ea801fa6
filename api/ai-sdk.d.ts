import { Tags, TruLayer } from "@trulayer/core";
import "@trulayer/core/internal";
/** How the AI SDK is instrumented. */
interface AISDKOptions {
  /** Where runs are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined;
}
/**
 * The AI SDK, recorded: each call of a function that calls models, or of an agent, is one turn (or, inside of another, a
 * span of that), with its model calls and its tools. Types, results, errors and streams are the SDK's own.
 *
 * @param ai - the namespace, or the part of it that is used; it is not changed
 * @returns a copy of it with recorded functions
 * @throws TruLayerError `invalid-argument` for what is no object, as a default import of `ai` is; `invalid-option` for an
 *   option of the wrong type
 * @example
 * ```ts
 * import * as ai from 'ai'
 * import { instrumentAISDK } from '@trulayer/ai-sdk'
 *
 * export const { generateText, streamText, ToolLoopAgent } = instrumentAISDK(ai)
 * ```
 */
declare function instrumentAISDK<T extends object>(ai: T, options?: AISDKOptions): T;
/** How a model is recorded at its boundary. */
interface MiddlewareOptions {
  /** Where calls are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined;
}
/** A middleware that fits `wrapLanguageModel` of every version from 4 to 7. */
interface TruLayerMiddleware {
  /**
   * Each version of the SDK wants another one in its types, and none looks at it: `never` fits all of them.
   */
  readonly specificationVersion: never;
  /** Records a call whose answer comes in one piece. */
  readonly wrapGenerate: <Result>(call: {
    readonly doGenerate: () => PromiseLike<Result>;
    readonly params: unknown;
    readonly model: unknown;
  }) => Promise<Result>;
  /** Records a call whose answer is a stream. */
  readonly wrapStream: <Result>(call: {
    readonly doStream: () => PromiseLike<Result>;
    readonly params: unknown;
    readonly model: unknown;
  }) => Promise<Result>;
}
/**
 * A middleware for models that are wrapped anyway: each call of the model is one span, below whatever is active. Where an
 * instrumented function of the SDK records the call already, it does nothing.
 *
 * Put it last in a list of middlewares, next to the model, so that it sees what the model sees.
 *
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 * @example
 * ```ts
 * const model = wrapLanguageModel({ model: openai('gpt-4o-mini'), middleware: trulayerMiddleware() })
 * ```
 */
declare function trulayerMiddleware(options?: MiddlewareOptions): TruLayerMiddleware;
/** What version 7 tells an integration, as far as it is heard. */
interface TelemetryIntegration {
  onStart?(event: unknown): void;
  onLanguageModelCallStart?(event: unknown): void;
  onLanguageModelCallEnd?(event: unknown): void;
  onObjectStepStart?(event: unknown): void;
  onObjectStepEnd?(event: unknown): void;
  onEmbedStart?(event: unknown): void;
  onEmbedEnd?(event: unknown): void;
  onRerankStart?(event: unknown): void;
  onRerankEnd?(event: unknown): void;
  onToolExecutionStart?(event: unknown): void;
  onToolExecutionEnd?(event: unknown): void;
  onStepEnd?(event: unknown): void;
  onEnd?(event: unknown): void;
  onAbort?(event: unknown): void;
  onError?(event: unknown): void;
  executeLanguageModelCall?<Result>(call: {
    readonly execute: () => PromiseLike<Result>;
  }): PromiseLike<Result>;
  executeTool?<Result>(call: {
    readonly execute: () => PromiseLike<Result>;
  }): PromiseLike<Result>;
}
/** How the whole process is recorded. */
interface RegisterOptions {
  /** Where calls are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined;
}
/**
 * Records every call of the AI SDK in this process, wherever it is made, from version 7 on. Registering again changes
 * nothing. Earlier versions have nothing to register with that tells enough; a line says what to use instead.
 *
 * A reader that breaks off a stream is told to nobody by the SDK itself: for that, wrap the functions with
 * `instrumentAISDK`. Both may be used together, and each call is recorded once.
 *
 * @param ai - the namespace, `import * as ai from 'ai'`
 * @returns a function that switches it off
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 */
declare function registerTruLayer(ai: object, options?: RegisterOptions): () => void;
/** A span as versions 4 to 6 write it, structurally that of OpenTelemetry. */
interface TelemetrySpan {
  spanContext(): {
    traceId: string;
    spanId: string;
    traceFlags: number;
  };
  setAttribute(key: string, value: unknown): this;
  setAttributes(attributes: object): this;
  addEvent(name: string, ...details: unknown[]): this;
  addLink(link: unknown): this;
  addLinks(links: unknown[]): this;
  setStatus(status: {
    code: number;
    message?: string;
  }): this;
  updateName(name: string): this;
  end(time?: unknown): void;
  isRecording(): boolean;
  recordException(exception: unknown, time?: unknown): void;
}
/** A tracer as versions 4 to 6 take it, structurally that of OpenTelemetry. */
interface TelemetryTracer {
  startSpan(name: string, options?: object, context?: unknown): TelemetrySpan;
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(name: string, work: Work): ReturnType<Work>;
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(name: string, options: object, work: Work): ReturnType<Work>;
  startActiveSpan<Work extends (span: TelemetrySpan) => unknown>(name: string, options: object, context: unknown, work: Work): ReturnType<Work>;
}
/** What a single call says about its own recording. */
interface TelemetryOptions {
  /** Where an unwrapped function is recorded; a wrapped one has its client. @defaultValue the global client */
  readonly client?: TruLayer | undefined;
  /** The name of the operation, and of its trace. */
  readonly name?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  /** Merged into the metadata of the operation. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly tags?: Tags | undefined;
  /** False keeps the inputs of this call to itself, of its model calls and tools as well. */
  readonly recordInputs?: boolean | undefined;
  /** False keeps its outputs and messages of errors, likewise. */
  readonly recordOutputs?: boolean | undefined;
}
/** The value for `experimental_telemetry` of every version and for `telemetry` of version 7. */
interface TruLayerTelemetry {
  readonly isEnabled: true;
  readonly functionId?: string;
  readonly recordInputs?: boolean;
  readonly recordOutputs?: boolean;
  /** For versions 4 to 6, and other listeners there. Absent where there is none, as in a call without telemetry. */
  readonly metadata?: Record<string, string>;
  /** The engine of versions 4 to 6. */
  readonly tracer: TelemetryTracer;
  /** The engine of version 7. */
  readonly integrations: TelemetryIntegration[];
}
/**
 * Settings for the telemetry of a call. On an instrumented function they say what session the call belongs to, what it is
 * called and what is kept of it; on one that is not, they record it.
 *
 * An option that does not exist or has the wrong type is ignored with one warning.
 *
 * Made once, at module scope, it serves any number of calls. Other integrations that are registered with version 7, and an
 * OpenTelemetry provider on versions 4 to 6, go on hearing of the call.
 *
 * @example
 * ```ts
 * await generateText({ model, prompt, experimental_telemetry: trulayerTelemetry({ sessionId }) })
 * ```
 */
declare function trulayerTelemetry(options?: TelemetryOptions): TruLayerTelemetry;
/**
 * The id of the trace that a result of an instrumented call belongs to, for feedback; `undefined` when nothing was
 * recorded. For a stream it is known as soon as the stream is there.
 *
 * @example
 * ```ts
 * const result = await agent.generate({ prompt })
 * await trulayer.submitFeedback({ traceId: trulayerTraceId(result), label: 'good' })
 * ```
 */
declare function trulayerTraceId(result: object): string | undefined;
export { type AISDKOptions, type MiddlewareOptions, type RegisterOptions, type TelemetryIntegration, type TelemetryOptions, type TelemetrySpan, type TelemetryTracer, type TruLayerMiddleware, type TruLayerTelemetry, instrumentAISDK, registerTruLayer, trulayerMiddleware, trulayerTelemetry, trulayerTraceId };