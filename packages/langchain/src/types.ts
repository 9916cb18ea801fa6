/*
 * The little of LangChain's shapes that is read. Structural, so that this package needs no LangChain at run time and a
 * program type-checks without it; all of it is optional and unknown, for the versions differ and nothing is trusted.
 */

import type { Listener } from './listener.ts'

/** Tags as callbacks receive them, those of the framework among them. */
export type RunTags = readonly string[]

/** Metadata as callbacks receive it, LangGraph's and the model's own entries among it. */
export type RunMetadata = Readonly<Record<string, unknown>>

/** What every start tells. */
export interface RunStarted {
  /** Who was told. */
  readonly heardBy: Listener
  readonly runId: string
  readonly parentRunId?: string | undefined
  readonly tags?: RunTags | undefined
  readonly metadata?: RunMetadata | undefined
  /** `runName` of the config, or what the runnable calls itself. */
  readonly runName?: string | undefined
}

/** The start of anything that is neither a model, a tool nor a retriever. */
export interface ChainStarted extends RunStarted {
  readonly serialized: unknown
  readonly inputs: unknown
  /** `prompt`, `parser` or nothing. */
  readonly runType?: string | undefined
}

/** The start of a model call. */
export interface ModelStarted extends RunStarted {
  readonly serialized: unknown
  /** The messages of a chat model, the prompts of a completion model. */
  readonly input: unknown
  readonly extraParams?: unknown
}

/** The start of a tool. */
export interface ToolStarted extends RunStarted {
  /** Arguments as JSON text, or the text that a tool without a schema takes. */
  readonly input: unknown
  readonly toolCallId?: string | undefined
}

/** The start of a retriever. */
export interface RetrieverStarted extends RunStarted {
  readonly query: unknown
}

/** A runnable as callbacks receive it: `id` is its path of namespaces, with the class last. */
export interface SerializedLike {
  readonly id?: unknown
}

/** A message: an instance of any version, or the plain forms that `invoke` takes. */
export interface MessageLike {
  /** Answers `human`, `ai`, `system`, `tool` and the like. */
  readonly getType?: unknown
  readonly _getType?: unknown
  readonly role?: unknown
  readonly type?: unknown
  /** A text or a list of content blocks. */
  readonly content?: unknown
  readonly tool_calls?: unknown
  readonly invalid_tool_calls?: unknown
  readonly tool_call_id?: unknown
  readonly additional_kwargs?: unknown
  readonly response_metadata?: unknown
  readonly usage_metadata?: unknown
}

/** A call that a model asks for. */
export interface ToolCallLike {
  readonly id?: unknown
  readonly name?: unknown
  /** An object; the raw text where it was no valid JSON. */
  readonly args?: unknown
}

/** Tokens of a message, as LangChain's integrations agree on them. */
export interface UsageMetadataLike {
  readonly input_tokens?: unknown
  readonly output_tokens?: unknown
  readonly total_tokens?: unknown
  readonly input_token_details?: unknown
  readonly output_token_details?: unknown
}

/** What a model call ends with. */
export interface ModelResultLike {
  /** A list for each prompt; callbacks see one prompt. */
  readonly generations?: unknown
  readonly llmOutput?: unknown
}

/** One of the answers of a model call. */
export interface GenerationLike {
  readonly text?: unknown
  readonly message?: unknown
  readonly generationInfo?: unknown
}

/** A retrieved document. */
export interface DocumentLike {
  readonly id?: unknown
  readonly pageContent?: unknown
  readonly metadata?: unknown
}

/** LangGraph's `Command`. */
export interface CommandLike {
  readonly lg_name?: unknown
  readonly resume?: unknown
  readonly update?: unknown
  readonly goto?: unknown
}

/** What LangGraph tells of the outermost graph when it pauses or goes on, since 1.4.17. */
export interface GraphEventLike {
  readonly runId?: unknown
  /** `pending`, `interrupt_before`, `interrupt_after` and others. */
  readonly status?: unknown
  readonly interrupts?: unknown
}

/** One thing that a graph waits for. Before LangGraph 0.4 it has no id. */
export interface InterruptLike {
  readonly id?: unknown
  readonly ns?: unknown
  readonly value?: unknown
}

/** What LangGraph throws for control flow. */
export interface BubbleUpLike {
  readonly is_bubble_up?: unknown
  readonly interrupts?: unknown
  readonly command?: unknown
}
