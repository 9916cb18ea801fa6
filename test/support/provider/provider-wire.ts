import type { IncomingHttpHeaders } from 'node:http'

/** A call of a tool that a provider asks for. */
export interface ProviderToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: object
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
  readonly path: string
  /** The body of a whole answer. */
  answer(reply: ProviderReply, call: ProviderCall): object
  /** The server-sent events of a streamed one. */
  events(reply: ProviderReply, call: ProviderCall): Iterable<string>
  /** The body of a refusal. */
  refusal(reply: ProviderReply): object
}

/** The words of a text, each with the space after it. */
export function wordsOf(text: string | undefined): readonly string[] {
  return text?.match(/\S+\s*/g) ?? []
}
