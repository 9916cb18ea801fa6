import { TruLayer } from "@trulayer/core";
import "@trulayer/core/internal";
/** Tags as callbacks receive them, those of the framework among them. */
type RunTags = readonly string[];
/** Metadata as callbacks receive it, LangGraph's and the model's own entries among it. */
type RunMetadata = Readonly<Record<string, unknown>>;
/** What LangGraph tells of the outermost graph when it pauses or goes on, since 1.4.17. */
interface GraphEventLike {
  readonly runId?: unknown;
  /** `pending`, `interrupt_before`, `interrupt_after` and others. */
  readonly status?: unknown;
  readonly interrupts?: unknown;
}
/**
 * Which runs of a graph become spans: `auto` shows the nodes that a user named, `none` no node, and `all` every run of
 * any kind, plumbing included.
 */
type ShownNodes = 'auto' | 'all' | 'none';
/** How a handler records. */
interface TruLayerCallbackHandlerOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something happens */
  readonly client?: TruLayer | undefined;
  /**
   * Which nodes of a graph become spans: `auto` those that you named, `none` no node, `all` every run of any kind,
   * plumbing included.
   *
   * @defaultValue `auto`
   */
  readonly nodes?: ShownNodes | undefined;
}
/**
 * Records what runs in LangChain.js and LangGraph.js: each turn is one trace, with a span for every call of a model, a
 * tool or a retriever and for every graph and node that you named.
 *
 * One handler may serve the whole process, however many turns are under way. It changes nothing of what your program
 * sees, and is synchronous: awaiting it costs nothing, and ends are never lost behind it. Its methods are LangChain's to
 * call, with the arguments in the order of its run time, from which its types differ for `handleChainStart`.
 *
 * @example
 * ```ts
 * const handler = new TruLayerCallbackHandler()
 * await agent.invoke({ messages }, { callbacks: [handler], configurable: { thread_id } })
 * ```
 */
declare class TruLayerCallbackHandler {
  #private;
  /** By this name LangChain tells handlers apart. */
  readonly name = "trulayer";
  /**
   * In the background LangChain calls handlers one after another, in the async context of any request, and loses what is
   * queued when the process exits.
   */
  readonly awaitHandlers = true;
  readonly raiseError = false;
  readonly ignoreLLM = false;
  readonly ignoreChain = false;
  readonly ignoreAgent = false;
  readonly ignoreRetriever = false;
  readonly ignoreCustomEvent = false;
  readonly lc_serializable = false;
  /** @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist */
  constructor(options?: TruLayerCallbackHandlerOptions);
  /** LangChain copies its managers for every run; the handler has nothing to copy. */
  copy(): this;
  /** Models keep their callbacks, and programs write models as JSON. */
  toJSON(): {
    readonly lc: number;
    readonly type: string;
    readonly id: readonly string[];
  };
  handleChainStart(chain: unknown, inputs: unknown, runId: string, parentRunId?: string, tags?: RunTags, metadata?: RunMetadata, runType?: string, runName?: string): void;
  handleChainEnd(outputs: unknown, runId: string, _parentRunId?: string, _tags?: RunTags, details?: {
    readonly inputs?: unknown;
  }): void;
  handleChainError(error: unknown, runId: string, _parentRunId?: string, _tags?: RunTags, details?: {
    readonly inputs?: unknown;
  }): void;
  handleChatModelStart(model: unknown, messages: unknown, runId: string, parentRunId?: string, extraParams?: unknown, tags?: RunTags, metadata?: RunMetadata, runName?: string): void;
  handleLLMStart(model: unknown, prompts: unknown, runId: string, parentRunId?: string, extraParams?: unknown, tags?: RunTags, metadata?: RunMetadata, runName?: string): void;
  handleLLMNewToken(token: unknown, index: unknown, runId: string, _parentRunId?: string, _tags?: RunTags, details?: {
    readonly chunk?: unknown;
  }): void;
  /** Comes in place of tokens where a graph is streamed as protocol events. */
  handleChatModelStreamEvent(event: unknown, runId: string): void;
  handleLLMEnd(result: unknown, runId: string, _parentRunId?: string, _tags?: RunTags, extraParams?: unknown): void;
  handleLLMError(error: unknown, runId: string): void;
  handleToolStart(_tool: unknown, input: unknown, runId: string, parentRunId?: string, tags?: RunTags, metadata?: RunMetadata, runName?: string, toolCallId?: string): void;
  handleToolEnd(output: unknown, runId: string): void;
  handleToolError(error: unknown, runId: string): void;
  /** One of the values that a tool which is a generator gives. */
  handleToolEvent(_value: unknown, runId: string): void;
  handleRetrieverStart(_retriever: unknown, query: unknown, runId: string, parentRunId?: string, tags?: RunTags, metadata?: RunMetadata, runName?: string): void;
  handleRetrieverEnd(documents: unknown, runId: string): void;
  handleRetrieverError(error: unknown, runId: string): void;
  handleCustomEvent(name: unknown, data: unknown, runId: string): void;
  handleInterrupt(event: GraphEventLike): void;
  handleResume(event: GraphEventLike): void;
  /** @internal */
  _addRunToRunMap(): void;
  /** @internal */
  _createRunForChainStart(_chain: unknown, _inputs: unknown, runId: string, parent?: string): void;
  /** @internal */
  _createRunForLLMStart(_model: unknown, _prompts: unknown, runId: string, parent?: string): void;
  /** @internal */
  _createRunForChatModelStart(_model: unknown, _messages: unknown, runId: string, parent?: string): void;
  /** @internal */
  _createRunForToolStart(_tool: unknown, _input: unknown, runId: string, parent?: string): void;
  /** @internal */
  _createRunForRetrieverStart(_retriever: unknown, _query: unknown, runId: string, parent?: string): void;
}
/**
 * Records every run of LangChain.js and LangGraph.js in the process, with no callbacks anywhere.
 *
 * Hand over the module `@langchain/core/callbacks/manager`; where a program loads LangChain as ES modules and as CommonJS,
 * hand over both, for these are two copies. Runs that have a `TruLayerCallbackHandler` of their own are recorded once. It
 * can tell sessions and users in `configurable` that a handler alone is not told of.
 *
 * @param modules - one module or a list of them. One without a `CallbackManager` is told of once and left alone
 * @returns a function that undoes this call
 * @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist
 *
 * @example
 * ```ts
 * import * as callbacks from '@langchain/core/callbacks/manager'
 *
 * const undo = instrumentLangChain(callbacks)
 * ```
 */
declare function instrumentLangChain(modules: object | readonly object[], options?: TruLayerCallbackHandlerOptions): () => void;
/** Which client recorded the run. */
interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined;
}
/**
 * The id of the trace that a run of LangChain went into, for `submitFeedback`.
 *
 * @param resultOrRunId - what a call returned: the answer of a model, the state of a graph or an agent, a list of messages;
 *   or the `runId` of the call's config, or any run id that a callback saw
 * @returns a lower-case UUID. A run that is not remembered is taken for the outermost of its turn, whose id is that of the
 *   trace; `undefined` for what holds no run id
 *
 * @example
 * ```ts
 * const runId = crypto.randomUUID()
 * await agent.invoke(input, { runId, callbacks: [new TruLayerCallbackHandler()] })
 * await trulayer.submitFeedback({ traceId: trulayerTraceId(runId), label: 'good' })
 * ```
 */
declare function trulayerTraceId(resultOrRunId: unknown, options?: TraceIdOptions): string | undefined;
export { type ShownNodes, type TraceIdOptions, TruLayerCallbackHandler, type TruLayerCallbackHandlerOptions, instrumentLangChain, trulayerTraceId };