/*
 * The little of the AI SDK that the scenarios use, of every version. A scenario is written once and must compile without
 * any version at hand, so what it takes and gives back is described here by shape.
 */

import type { ServerResponse } from 'node:http'

/** A stream that can be read both ways. */
export type Readable<Value> = ReadableStream<Value> & AsyncIterable<Value>

/** A part of a stream or of a step. */
export interface Part {
  readonly type: string
  readonly [key: string]: unknown
}

/** What `generateText` and agents return. */
export interface TextResult {
  readonly text: string
  readonly finishReason: unknown
  readonly usage: unknown
  readonly output?: unknown
  readonly experimental_output?: unknown
  readonly steps: readonly Step[]
  readonly toolCalls?: readonly { readonly input?: unknown; readonly args?: unknown }[]
  readonly response: { readonly messages: readonly unknown[]; readonly modelId?: string }
}

/** A step of a result. */
export interface Step {
  readonly text: string
  readonly content?: readonly Part[]
  readonly toolCalls: readonly unknown[]
  readonly toolResults: readonly unknown[]
  readonly finishReason: unknown
}

/** What `streamText` and agents return. */
export interface StreamResult {
  readonly textStream: Readable<string>
  readonly fullStream: Readable<Part>
  readonly text: Promise<string>
  readonly finishReason: Promise<unknown>
  readonly usage: Promise<unknown>
  readonly steps: Promise<readonly Step[]>
  readonly response: Promise<{ readonly messages: readonly unknown[] }>
  consumeStream(): Promise<void>
  toTextStreamResponse(): Response
  toUIMessageStreamResponse(): Response
  toDataStreamResponse(): Response
  pipeTextStreamToResponse(response: ServerResponse): void
  pipeUIMessageStreamToResponse(response: ServerResponse): void
  pipeDataStreamToResponse(response: ServerResponse): void
}

/** What `streamObject` returns. */
export interface ObjectStreamResult {
  readonly partialObjectStream: Readable<unknown>
  readonly object: Promise<unknown>
}

/** An agent of any version. */
export interface Agent {
  generate(options: object): Promise<TextResult>
  stream(options: object): Promise<StreamResult> | StreamResult
}

/** The namespace. */
export interface Host {
  generateText(options: object): Promise<TextResult>
  streamText(options: object): StreamResult
  experimental_streamTextLowMemory?(options: object): StreamResult
  generateObject(options: object): Promise<{ readonly object: unknown }>
  streamObject(options: object): ObjectStreamResult
  embed(
    options: object,
  ): Promise<{ readonly embedding: readonly number[]; readonly usage: unknown }>
  embedMany(
    options: object,
  ): Promise<{ readonly embeddings: readonly (readonly number[])[]; readonly usage: unknown }>
  rerank?(options: object): Promise<{
    readonly ranking: readonly { readonly originalIndex: number; readonly score: number }[]
  }>
  tool(definition: object): object
  toolSearch?(): object
  experimental_toolCaller?(tool: object, definition: object): object
  stepCountIs?(count: number): unknown
  isStepCount?(count: number): unknown
  wrapLanguageModel(options: { readonly model: unknown; readonly middleware: unknown }): object
  customProvider(options: object): object
  registerTelemetry?(...integrations: object[]): void
  readonly APICallError: new (options: object) => Error
  readonly Output: { object(options: object): unknown }
  readonly ToolLoopAgent?: new (settings: object) => Agent
  readonly Experimental_Agent?: new (settings: object) => Agent
}

/** What a set hands to the scenarios. */
export interface SDKSet {
  /** The version, which is the name of the folder too. */
  readonly name: string
  readonly ai: object
  /** `ai/test` */
  readonly mocks: object
  /** `zod` */
  readonly z: Zod
}

/** The little of `zod` that the scenarios use. */
export interface Zod {
  object(shape: object): unknown
  string(): unknown
  number(): unknown
}

/** The major version of a set. */
export function majorOf(set: SDKSet): 4 | 5 | 6 | 7 {
  const major = Number(set.name.split('.')[0])
  if (major === 4 || major === 5 || major === 6 || major === 7) {
    return major
  }
  throw new Error(`no such major: ${set.name}`)
}
