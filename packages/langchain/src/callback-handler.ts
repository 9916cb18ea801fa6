import type { TruLayer } from '@trulayer/core'
import {
  addObjectForm,
  checkAdapterOptions,
  clientKind,
  guard,
  isText,
  oneOf,
  read,
  type Recorder,
  resolveRecorder,
} from '@trulayer/core/internal'

import {
  enterRun,
  expectCode,
  followLangChain,
  rememberConfigurable,
  rememberParent,
} from './ambient.ts'
import { className, type ShownNodes } from './fold-run.ts'
import { createListener, type Listener } from './listener.ts'
import { mapSerializable } from './map-serializable.ts'
import { endChain, failChain, isDeferred, startChain } from './record-chain.ts'
import { recordCustomEvent } from './record-event.ts'
import { endModel, failModel, notePart, startModel } from './record-model.ts'
import { endRetriever, failRetriever, startRetriever } from './record-retriever.ts'
import { recordPause, recordResume } from './record-pause.ts'
import { endTool, failTool, noteToolEvent, startTool } from './record-tool.ts'
import type { StreamPart } from './stream-notes.ts'
import type { GraphEventLike, RunMetadata, RunTags } from './types.ts'

/** How a handler records. */
export interface TruLayerCallbackHandlerOptions {
  /** The client that records. @defaultValue the global one, asked for whenever something happens */
  readonly client?: TruLayer | undefined
  /**
   * Which nodes of a graph become spans: `auto` those that you named, `none` no node, `all` every run of any kind,
   * plumbing included.
   *
   * @defaultValue `auto`
   */
  readonly nodes?: ShownNodes | undefined
}

const GRAPH_HANDLER = Symbol.for('langgraph.graph_callback_handler')

/** What each option may be. */
export const HANDLER_OPTIONS = {
  client: [clientKind],
  nodes: [oneOf('auto', 'all', 'none')],
} as const satisfies Record<keyof TruLayerCallbackHandlerOptions, unknown>

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
export class TruLayerCallbackHandler {
  /** By this name LangChain tells handlers apart. */
  readonly name = 'trulayer'
  /**
   * In the background LangChain calls handlers one after another, in the async context of any request, and loses what is
   * queued when the process exits.
   */
  readonly awaitHandlers = true
  readonly raiseError = false
  readonly ignoreLLM = false
  readonly ignoreChain = false
  readonly ignoreAgent = false
  readonly ignoreRetriever = false
  readonly ignoreCustomEvent = false
  readonly lc_serializable = false
  readonly #client: TruLayer | undefined
  readonly #nodes: ShownNodes
  readonly #listener: Listener

  /*
   * LangGraph tells of pauses and resumptions to handlers with this mark alone, since 1.4.17. Of a pause before or after a
   * node nothing else tells.
   */
  static {
    Object.defineProperty(this.prototype, GRAPH_HANDLER, { value: true })
  }

  /** @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist */
  constructor(options: TruLayerCallbackHandlerOptions = {}) {
    checkAdapterOptions('TruLayerCallbackHandler', options, HANDLER_OPTIONS)
    this.#client = options.client
    this.#nodes = options.nodes ?? 'auto'
    this.#listener = createListener(options.client)
    addObjectForm(mapSerializable)
    guard('the async context of LangChain', followLangChain)
  }

  /** LangChain copies its managers for every run; the handler has nothing to copy. */
  copy(): this {
    return this
  }

  /** Models keep their callbacks, and programs write models as JSON. */
  toJSON(): { readonly lc: number; readonly type: string; readonly id: readonly string[] } {
    return { lc: 1, type: 'not_implemented', id: ['trulayer'] }
  }

  handleChainStart(
    chain: unknown,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: RunTags,
    metadata?: RunMetadata,
    runType?: string,
    runName?: string,
  ): void {
    const event = {
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      heardBy: this.#listener,
      serialized: chain,
      inputs,
      runType,
    }
    guard('the start of a chain', () => startChain(this.#recorder(), event, this.#nodes))
    guard('the scope of a chain', () =>
      isDeferred(inputs) && className(chain) === 'RunnableLambda'
        ? expectCode(runId)
        : enterRun(event, true),
    )
  }

  handleChainEnd(
    outputs: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: RunTags,
    details?: { readonly inputs?: unknown },
  ): void {
    guard('the end of a chain', () =>
      endChain(this.#recorder(), { runId, outputs, inputs: details?.inputs }),
    )
  }

  handleChainError(
    error: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: RunTags,
    details?: { readonly inputs?: unknown },
  ): void {
    guard('the failure of a chain', () =>
      failChain(this.#recorder(), runId, error, details?.inputs),
    )
  }

  handleChatModelStart(
    model: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: unknown,
    tags?: RunTags,
    metadata?: RunMetadata,
    runName?: string,
  ): void {
    const event = {
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      heardBy: this.#listener,
      serialized: model,
      input: messages,
      extraParams,
    }
    guard('the start of a chat model', () => startModel(this.#recorder(), event, 'chat'))
  }

  handleLLMStart(
    model: unknown,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: unknown,
    tags?: RunTags,
    metadata?: RunMetadata,
    runName?: string,
  ): void {
    const event = {
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      heardBy: this.#listener,
      serialized: model,
      input: prompts,
      extraParams,
    }
    guard('the start of a model', () => startModel(this.#recorder(), event, 'text_completion'))
  }

  handleLLMNewToken(
    token: unknown,
    index: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: RunTags,
    details?: { readonly chunk?: unknown },
  ): void {
    this.#notePart(runId, () => ({
      text: toText(token),
      chunk: details?.chunk,
      isFirstAnswer: (read(index, 'completion') ?? 0) === 0,
    }))
  }

  /** Comes in place of tokens where a graph is streamed as protocol events. */
  handleChatModelStreamEvent(event: unknown, runId: string): void {
    this.#notePart(runId, () => ({
      text: toText(read(event, 'delta', 'text')),
      chunk: event,
      isFirstAnswer: true,
    }))
  }

  handleLLMEnd(
    result: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: RunTags,
    extraParams?: unknown,
  ): void {
    guard('the end of a model', () => endModel(this.#recorder(), runId, result, extraParams))
  }

  handleLLMError(error: unknown, runId: string): void {
    guard('the failure of a model', () => failModel(this.#recorder(), runId, error))
  }

  handleToolStart(
    _tool: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: RunTags,
    metadata?: RunMetadata,
    runName?: string,
    toolCallId?: string,
  ): void {
    const event = {
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      heardBy: this.#listener,
      input,
      toolCallId,
    }
    guard('the start of a tool', () => startTool(this.#recorder(), event))
    guard('the scope of a tool', () => enterRun(event, false))
  }

  handleToolEnd(output: unknown, runId: string): void {
    guard('the end of a tool', () => endTool(this.#recorder(), runId, output))
  }

  handleToolError(error: unknown, runId: string): void {
    guard('the failure of a tool', () => failTool(this.#recorder(), runId, error))
  }

  /** One of the values that a tool which is a generator gives. */
  handleToolEvent(_value: unknown, runId: string): void {
    guard('a part of a tool', () => noteToolEvent(this.#recorder(), runId))
  }

  handleRetrieverStart(
    _retriever: unknown,
    query: unknown,
    runId: string,
    parentRunId?: string,
    tags?: RunTags,
    metadata?: RunMetadata,
    runName?: string,
  ): void {
    const event = {
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      heardBy: this.#listener,
      query,
    }
    guard('the start of a retriever', () => startRetriever(this.#recorder(), event))
    guard('the scope of a retriever', () => enterRun(event, true))
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    guard('the end of a retriever', () => endRetriever(this.#recorder(), runId, documents))
  }

  handleRetrieverError(error: unknown, runId: string): void {
    guard('the failure of a retriever', () => failRetriever(this.#recorder(), runId, error))
  }

  handleCustomEvent(name: unknown, data: unknown, runId: string): void {
    const event = { name, data }
    guard('an event', () => recordCustomEvent(this.#recorder(), runId, this.#listener, event))
  }

  handleInterrupt(event: GraphEventLike): void {
    guard('a pause', () => recordPause(this.#recorder(), event))
  }

  handleResume(event: GraphEventLike): void {
    guard('a resumption', () => recordResume(this.#recorder(), event))
  }

  /*
   * LangChain takes what has `_addRunToRunMap` for a tracer and calls these before each start, outside of any `try`, with
   * its async context still in place: the only moment at which a detached run can be seen to start inside another. With
   * the first of them all five others must be there.
   */

  /** @internal */
  _addRunToRunMap(): void {}

  /** @internal */
  _createRunForChainStart(_chain: unknown, _inputs: unknown, runId: string, parent?: string): void {
    rememberDetached(runId, parent)
  }

  /** @internal */
  _createRunForLLMStart(_model: unknown, _prompts: unknown, runId: string, parent?: string): void {
    rememberCall(runId, parent)
  }

  /** @internal */
  _createRunForChatModelStart(
    _model: unknown,
    _messages: unknown,
    runId: string,
    parent?: string,
  ): void {
    rememberCall(runId, parent)
  }

  /** @internal */
  _createRunForToolStart(_tool: unknown, _input: unknown, runId: string, parent?: string): void {
    rememberCall(runId, parent)
  }

  /** @internal */
  _createRunForRetrieverStart(
    _retriever: unknown,
    _query: unknown,
    runId: string,
    parent?: string,
  ): void {
    rememberCall(runId, parent)
  }

  #recorder(): Recorder {
    return resolveRecorder(this.#client)
  }

  #notePart(runId: string, part: () => StreamPart): void {
    guard('a part of a stream', () => notePart(this.#recorder(), runId, this.#listener, part()))
  }
}

function toText(value: unknown): string {
  return isText(value) ? value : ''
}

function rememberDetached(runId: string, parentRunId: string | undefined): void {
  if (parentRunId === undefined) {
    guard('the place of a detached run', () => rememberParent(runId))
  }
}

function rememberCall(runId: string, parentRunId: string | undefined): void {
  rememberDetached(runId, parentRunId)
  guard('the config around a call', () => rememberConfigurable(runId))
}
