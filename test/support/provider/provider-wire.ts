import type { IncomingHttpHeaders } from 'node:http'

/** A call of a tool that a provider asks for. */
export interface ProviderToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: object
}

/** An item of an answer, in the form of OpenAI's responses. */
export interface ProviderItem {
  readonly type: string
  readonly id: string
  readonly [field: string]: unknown
}

/** Tokens of one call, each counted once. What is left out is zero. */
export interface ProviderTokens {
  /** Read, and neither from a cache nor into one. */
  readonly fresh?: number | undefined
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
  /** Written as an answer, without the reasoning. */
  readonly answer?: number | undefined
  readonly reasoning?: number | undefined
}

/** What a provider answers, in no provider's words. */
export interface ProviderReply {
  readonly text?: string | undefined
  /** Thought aloud before the text, by providers that show it. */
  readonly reasoning?: string | undefined
  readonly toolCalls?: readonly ProviderToolCall[] | undefined
  /** Calls of tools that run at the provider, with their results. OpenAI's responses alone have them. */
  readonly serverTools?: readonly ProviderItem[] | undefined
  /** True for an answer that ends at its limit of tokens. @defaultValue false */
  readonly isCut?: boolean | undefined
  /** What the call is billed. */
  readonly tokens?: ProviderTokens | undefined
  /** A status beyond 399 in place of an answer; nothing is billed then. */
  readonly status?: number | undefined
  /** The text of such a refusal. */
  readonly message?: string | undefined
  /** Milliseconds before the answer, or after each event of a stream. @defaultValue 0 */
  readonly delay?: number | undefined
}

/** A request as the server got it. */
export interface ProviderRequest {
  readonly wire: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

/** The call that a reply answers. */
export interface ProviderCall {
  readonly model: string
  /** New for every call of a server. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
}

/** How one API of a provider writes replies. */
export interface ProviderWire {
  readonly name: string
  /** The path of its requests. A pattern has the group `model` where the path names the model. */
  readonly path: string | RegExp
  /** Whether a request asks for a stream. @defaultValue what its field `stream` says */
  readonly isStreamed?: ((path: string, body: ProviderRequest['body']) => boolean) | undefined
  /** The media type of a streamed answer. @defaultValue `text/event-stream` */
  readonly streamType?: string | undefined
  /** The body of a whole answer. */
  answer(reply: ProviderReply, call: ProviderCall): object
  /** The pieces of a streamed one. */
  events(reply: ProviderReply, call: ProviderCall): Iterable<string | Uint8Array>
  /** The body of a refusal. */
  refusal(reply: ProviderReply): object
}

/** The words of a text, each with the space after it. */
export function wordsOf(text: string | undefined): readonly string[] {
  return text?.match(/\S+\s*/g) ?? []
}
