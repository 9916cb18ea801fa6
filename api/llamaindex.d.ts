import { Tags, TruLayer } from "@trulayer/core";
import "@trulayer/core/internal";
/** What a turn is, and whom it is for. */
interface LlamaIndexTurn {
  /** @defaultValue `workflow` */
  readonly name?: string | undefined;
  /** The conversation that it belongs to. */
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly tags?: Tags | undefined;
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** What it was given. @defaultValue what the first call inside was given */
  readonly input?: unknown;
}
/** `Settings`, as `llamaindex` and `@llamaindex/core/global` export it. */
interface LlamaIndexSettings {
  readonly callbackManager: object;
}
/** How LlamaIndex is recorded. */
interface InstrumentLlamaIndexOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something starts */
  readonly client?: TruLayer | undefined;
}
/** What `instrumentLlamaIndex` returns. Every method but `run` and `off` changes the object that it is given, and returns it. */
interface LlamaIndexInstrumentation {
  /**
   * Records every call of a model: with events alone its errors are lost, a stream that is left has no end, and of some
   * providers nothing is told.
   */
  readonly llm: <Model extends object>(model: Model) => Model;
  /** Records the turns of an agent, its tools among them, and of agents that it hands over to; of a chat engine as well. */
  readonly agent: <Agent extends object>(agent: Agent) => Agent;
  /** Records the calls of an embedding model, of which there are no events. */
  readonly embedding: <Model extends object>(model: Model) => Model;
  /**
   * Runs `work` as one turn, with a name and a session. When it throws, the turn fails with the error and what is open in it is
   * closed.
   *
   * @returns what `work` returns; what it throws is thrown on, the same object
   */
  readonly run: <Result>(turn: LlamaIndexTurn, work: () => Result | PromiseLike<Result>) => Promise<Awaited<Result>>;
  /** Records nothing any more. What was wrapped stays wrapped and does nothing. */
  readonly off: () => void;
}
/**
 * Records what LlamaIndex.TS does in this process: each query, chat and turn of an agent is one trace, with a span for every
 * call of a model and of a tool and for every retrieval.
 *
 * @param settings - `Settings` of `llamaindex`, or of `@llamaindex/core/global`. Each copy of LlamaIndex has its own: the one
 *   for ES modules, the one for CommonJS, and every version of `@llamaindex/core` that is installed. Hand over a list where
 *   there are several
 *
 * @example
 * ```ts
 * const tl = instrumentLlamaIndex(Settings)
 * Settings.llm = tl.llm(new OpenAI({ model: 'gpt-4o-mini' }))
 * Settings.embedModel = tl.embedding(new OpenAIEmbedding())
 *
 * await index.asQueryEngine().query({ query })
 * ```
 */
declare function instrumentLlamaIndex(settings: LlamaIndexSettings | readonly LlamaIndexSettings[], options?: InstrumentLlamaIndexOptions): LlamaIndexInstrumentation;
/** Which client recorded the run. */
interface TraceIdOptions {
  /** @defaultValue the global client */
  readonly client?: TruLayer | undefined;
}
/**
 * The id of the trace that a call of LlamaIndex went into, for `submitFeedback`.
 *
 * @param resultOrRunId - what a call returned: the answer of an engine, a chat or a model, a stream before it is read, the
 *   final event of an agent, or the stream of its events; or the `id` that events of the callback manager carry
 * @returns a lower-case UUID; `undefined` for what is not known
 *
 * @example
 * ```ts
 * const answer = await queryEngine.query({ query })
 * await getClient().submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })
 * ```
 */
declare function trulayerTraceId(resultOrRunId: unknown, options?: TraceIdOptions): string | undefined;
export { type InstrumentLlamaIndexOptions, type LlamaIndexInstrumentation, type LlamaIndexSettings, type LlamaIndexTurn, type TraceIdOptions, instrumentLlamaIndex, trulayerTraceId };