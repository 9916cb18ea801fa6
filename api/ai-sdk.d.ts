import { TruLayer } from "@trulayer/core";
import "@trulayer/core/internal";
/** How the AI SDK is instrumented. */
interface AISDKOptions {
  /** Where runs are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined;
}
/**
 * The AI SDK, recorded: each call of `generateText`, `streamText` or an agent is one turn (or, inside of another, a span
 * of that), with its model calls and its tools. Types, results, errors and streams are the SDK's own.
 *
 * @param ai - the namespace, or the part of it that is used; it is not changed
 * @returns a copy of it with recorded functions
 * @example
 * ```ts
 * import * as ai from 'ai'
 * import { instrumentAISDK } from '@trulayer/ai-sdk'
 *
 * export const { generateText, streamText, ToolLoopAgent } = instrumentAISDK(ai)
 * ```
 */
declare function instrumentAISDK<T extends object>(ai: T, options?: AISDKOptions): T;
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
export { type AISDKOptions, instrumentAISDK, trulayerTraceId };