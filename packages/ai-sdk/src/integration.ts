import {
  attributes,
  BoundedMap,
  type Fields,
  guard,
  isObject,
  monotonicClock,
  onCollected,
  reasons,
  type Run,
  shared,
  startTimer,
  stopEnd,
  withRun,
} from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import { readAnswer } from './answer.ts'
import { type CallSettings, callSettings } from './call-settings.ts'
import { INTEGRATION } from './global-integrations.ts'
import {
  kindOfOperation,
  mapError,
  mapModel,
  mapOperationName,
  mapPrompt,
  mapResponseFormat,
  mapToolOutput,
} from './map-event.ts'
import { mapInput } from './map-input.ts'
import { mapResultUsage } from './map-usage.ts'
import { embeddings, reranking } from './map-values.ts'
import { observeGenerate, observeStream } from './model.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import { tapModelStream } from './model-stream.ts'
import { closeObjectStep, type ObjectStep, openObjectStep } from './object-steps.ts'
import { type Operation, startOperation, takeEcho } from './operation.ts'
import { reportedEnd, toolEnd, UNKNOWN_STREAM_ERROR } from './outcome.ts'
import { type ReportedOperation, ReportedOperations } from './reported-operations.ts'
import { RunningTools } from './running-tools.ts'
import { repeatedResultsIn } from './span-attributes.ts'
import { fieldOf, isPromiseLike, isStream, textOrUndefined } from './types.ts'
import { isWrittenByModel } from './unseen-calls.ts'
import { startValueCall, type ValueCall, type ValueCallKind } from './value-call.ts'

/** What version 7 tells an integration, as far as it is heard. */
export interface TelemetryIntegration {
  onStart?(event: unknown): void
  onLanguageModelCallStart?(event: unknown): void
  onLanguageModelCallEnd?(event: unknown): void
  onObjectStepStart?(event: unknown): void
  onObjectStepEnd?(event: unknown): void
  onEmbedStart?(event: unknown): void
  onEmbedEnd?(event: unknown): void
  onRerankStart?(event: unknown): void
  onRerankEnd?(event: unknown): void
  onToolExecutionStart?(event: unknown): void
  onToolExecutionEnd?(event: unknown): void
  onStepEnd?(event: unknown): void
  onEnd?(event: unknown): void
  onAbort?(event: unknown): void
  onError?(event: unknown): void
  executeLanguageModelCall?<Result>(call: {
    readonly execute: () => PromiseLike<Result>
  }): PromiseLike<Result>
  executeTool?<Result>(call: { readonly execute: () => PromiseLike<Result> }): PromiseLike<Result>
}

/* An operation that version 7 tells of. */
interface CallState extends ReportedOperation {
  readonly isStreamed: boolean
  readonly tools: RunningTools
  readonly values: Map<unknown, ValueCall>
  object: { readonly call: ModelCall; readonly step: ObjectStep } | undefined
  /** The model call of an agent that is only reported. */
  reported: ModelCall | undefined
}

const REMEMBERED_CALLS = 10_000
/*
 * A call is reported to every integration of ours that is registered, in whatever copy; the first one takes it. The value is
 * the key of its run, or empty where it is not recorded as one.
 */
const takenCalls = shared(
  'ai-sdk:taken-calls',
  () => new BoundedMap<string, string>(REMEMBERED_CALLS),
)
/* Makes keys of runs unique, as ids of calls are not: the host may choose them. */
const startedRuns = shared('ai-sdk:calls-started', () => ({ count: 0 }))

/** A tool that is executed. */
export interface ExecutedTool {
  readonly run: Run
  readonly done: () => void
}

/**
 * An integration for version 7, which records functions of the SDK that are not wrapped. Every event has the id of its
 * call; events without one come from version 6, which shares the list of integrations and tells too little.
 */
export class TruLayerIntegration implements TelemetryIntegration {
  readonly [INTEGRATION] = true
  /** False lets new calls pass. */
  isOn = true
  readonly #client: TruLayer | undefined
  readonly #settings: CallSettings
  readonly #calls = new ReportedOperations<CallState>()

  constructor({
    client,
    settings = {},
  }: {
    readonly client: TruLayer | undefined
    readonly settings?: CallSettings
  }) {
    this.#client = client
    this.#settings = settings
  }

  onStart(event: unknown): void {
    guard('the start of an operation', () => {
      this.#start(event)
    })
  }

  onLanguageModelCallStart(event: unknown): void {
    this.#hear(event, (state) => {
      if (state.isAgent) {
        state.reported = startModelCall(state.operation, mapModel(event), mapPrompt(event))
      }
    })
  }

  onLanguageModelCallEnd(event: unknown): void {
    this.#hear(event, (state) => {
      const { reported } = state
      state.reported = undefined
      const content = fieldOf(event, 'content')
      if (reported !== undefined) {
        reported.answer = {
          content: Array.isArray(content) ? content.filter(isWrittenByModel) : [],
          finishReason: fieldOf(event, 'finishReason'),
          usage: mapResultUsage(fieldOf(event, 'usage')),
          providerMetadata: fieldOf(event, 'providerMetadata'),
          response: { id: fieldOf(event, 'responseId'), modelId: fieldOf(event, 'modelId') },
        }
        reported.close()
      }
    })
  }

  onObjectStepStart(event: unknown): void {
    this.#hear(event, (state) => {
      const call = startModelCall(state.operation, mapModel(event), {
        prompt: fieldOf(event, 'promptMessages'),
        responseFormat: state.operation.responseFormat,
      })
      if (call !== undefined) {
        const step = { modelId: fieldOf(event, 'modelId'), provider: fieldOf(event, 'provider') }
        state.object = { call, step }
        openObjectStep(step)
        followPrompt(state, fieldOf(event, 'promptMessages'))
      }
    })
  }

  onObjectStepEnd(event: unknown): void {
    this.#hear(event, (state) => {
      if (state.object !== undefined) {
        const { call, step } = state.object
        closeObjectStep(step)
        call.answer = {
          content: [{ type: 'text', text: fieldOf(event, 'objectText') }],
          finishReason: fieldOf(event, 'finishReason'),
          usage: mapResultUsage(fieldOf(event, 'usage')),
          providerMetadata: fieldOf(event, 'providerMetadata'),
          response: fieldOf(event, 'response'),
        }
        // The error of a stream is reported with the end of the operation, right after this.
        if (!state.isStreamed || call.answer.finishReason !== 'error') {
          state.object = undefined
          call.close()
        }
      }
    })
  }

  onEmbedStart(event: unknown): void {
    this.#startValues(event, fieldOf(event, 'embedCallId'), embeddings)
  }

  onEmbedEnd(event: unknown): void {
    this.#endValues(event, fieldOf(event, 'embedCallId'), embeddings)
  }

  onRerankStart(event: unknown): void {
    this.#startValues(event, 'rerank', reranking)
  }

  onRerankEnd(event: unknown): void {
    this.#endValues(event, 'rerank', reranking)
  }

  onToolExecutionStart(event: unknown): void {
    this.#hear(event, ({ operation, tools }) => {
      const call = fieldOf(event, 'toolCall')
      const id = textOrUndefined(fieldOf(call, 'toolCallId'))
      const name = textOrUndefined(fieldOf(call, 'toolName'))
      const input = fieldOf(call, 'input')
      operation.tools.executed({ id, name, input })
      const executed = tools.report(call)
      if (executed === undefined) {
        startTool({ operation, tools }, { call, id, name, input })
      } else {
        operation.recorder.update(executed, { name, input })
      }
    })
  }

  onToolExecutionEnd(event: unknown): void {
    this.#hear(event, ({ operation, tools }) => {
      const output = mapToolOutput(event)
      const run = tools.end(fieldOf(event, 'toolCall'))
      if (fieldOf(output, 'type') === 'tool-error') {
        operation.failTool(run, fieldOf(output, 'error'))
      } else {
        operation.recorder.end(run, toolEnd(fieldOf(output, 'output')))
      }
    })
  }

  onStepEnd(event: unknown): void {
    this.#hear(event, ({ operation }) => operation.tools.noteSteps([event]))
  }

  onEnd(event: unknown): void {
    this.#hear(event, (state) => {
      const { operation } = state
      const error = fieldOf(event, 'error')
      // An answer that does not fit its schema is no failure of the model.
      const isOfModel =
        error !== undefined && fieldOf(error, 'name') !== 'AI_NoObjectGeneratedError'
      state.object?.call.fail(isOfModel ? error : UNKNOWN_STREAM_ERROR)
      state.object = undefined
      operation.noteObject(fieldOf(event, 'object'), error)
      operation.noteReceived(fieldOf(event, 'text'))
      const endedAt = monotonicClock()
      // Whether an answer fits its schema is told after the end (`onError`), a moment later.
      startTimer(
        () =>
          guard('the end of an operation', () => {
            operation.endRead(endedAt)
          }),
        0,
        { keepAlive: true },
      )
    })
  }

  onAbort(event: unknown): void {
    this.#hear(event, ({ operation }) => {
      operation.end(stopEnd({ reason: fieldOf(event, 'reason') }))
    })
  }

  onError(event: unknown): void {
    this.#hear(event, (state) => {
      const error = mapError(event)
      const failure = reportedEnd(error)
      state.reported?.close(failure)
      state.object?.call.close(failure)
      for (const call of state.values.values()) {
        call.close(failure)
      }
      state.operation.fail(error)
    })
  }

  executeLanguageModelCall<Result>(call: {
    readonly execute: () => PromiseLike<Result>
  }): PromiseLike<Result> {
    const { execute } = call
    const started = guard('the start of a model call', () => {
      const state = this.#calls.find(call)
      const modelCall =
        state === undefined
          ? undefined
          : (state.reported ?? startModelCall(state.operation, mapModel(call), mapPrompt(call)))
      return state === undefined || modelCall === undefined ? undefined : { state, modelCall }
    })
    if (started === undefined) {
      return execute()
    }
    const { state, modelCall } = started
    modelCall.onBroken = (error) => this.#endLater(call, () => state.operation.fail(error))
    const work = state.isStreamed
      ? (): unknown => observeStream(modelCall, execute)
      : (): unknown => observeGenerate(modelCall, execute)
    return sameAs(execute, () => followUnread(work(), modelCall, state.operation))
  }

  executeTool<Result>(call: { readonly execute: () => PromiseLike<Result> }): PromiseLike<Result> {
    const { execute } = call
    const tool = guard('a tool', () => this.#executeTool(call))
    if (tool === undefined) {
      return execute()
    }
    const result = withRun(tool.run, execute)
    result.then(tool.done, tool.done)
    return result
  }

  #executeTool(event: unknown): ExecutedTool | undefined {
    const state = this.#calls.find(event)
    const call = fieldOf(event, 'toolCall')
    const id = textOrUndefined(fieldOf(event, 'toolCallId'))
    if (state?.isAgent !== true || call !== undefined) {
      return state?.tools.execute(call)
    }
    const known = state.tools.execute({ toolCallId: id })
    if (known !== undefined) {
      return known
    }
    // `@ai-sdk/harness` reports the start of a tool when its step is over.
    startTool(state, { call: { toolCallId: id }, id, name: undefined, input: undefined })
    return state.tools.execute({ toolCallId: id })
  }

  /** The key of the run of a call; `undefined` where no integration of ours has taken it, empty where it has no run. */
  takenKey(callId: string): string | undefined {
    return takenCalls.get(callId)
  }

  /** True while a call is under way that is recorded here. */
  isRecording(callId: string): boolean {
    return this.#calls.has(callId)
  }

  /** Starts a call that no integration of ours is notified of. */
  startFromChannel(event: unknown, startedAt: number): boolean {
    guard('the start of an operation', () => this.#start(event, startedAt))
    return this.#calls.find(event) !== undefined
  }

  /** Starts a model call of such a call. */
  startChannelModelCall(event: unknown): ModelCall | undefined {
    const state = this.#calls.find(event)
    const options = mapPrompt(event)
    state?.operation.tools.noteRepeated(repeatedResultsIn(options))
    return state === undefined
      ? undefined
      : startModelCall(state.operation, mapModel(event), options)
  }

  /**
   * Ends it with what the model's method returned. Of a stream the channel shows nothing, so that the stream in the result,
   * which the SDK reads next, is replaced by one that is observed. The result is made for this one call.
   */
  endChannelModelCall(call: ModelCall | undefined, result: unknown, error: unknown): void {
    const stream = fieldOf(result, 'stream')
    if (call === undefined || error !== undefined) {
      call?.fail(error)
    } else if (!isObject(result) || !isStream(stream)) {
      call.answer = readAnswer(result)
      call.close()
    } else if (Reflect.getOwnPropertyDescriptor(result, 'stream')?.writable === true) {
      Reflect.set(result, 'stream', tapModelStream(stream, call))
    } else {
      call.close()
    }
  }

  /** Starts a tool of such a call. */
  startChannelTool(event: unknown): ExecutedTool | undefined {
    this.onToolExecutionStart(event)
    return this.#calls.find(event)?.tools.execute(fieldOf(event, 'toolCall'))
  }

  /** Records a call of a model that answers with values, when it is over. */
  recordChannelValues(
    { callId, event }: { readonly callId: string; readonly event: unknown },
    result: unknown,
    error: unknown,
  ): void {
    const operation = this.#calls.find({ callId })?.operation
    if (operation === undefined) {
      return
    }
    const isRanking = fieldOf(event, 'query') !== undefined
    const kind = isRanking ? reranking : embeddings
    const [value, embedding] = [fieldOf(event, 'value'), fieldOf(result, 'embedding')]
    const call = startValueCall(kind, mapModel(event), {
      owner: operation,
      startedAt: operation.run.startedAt,
      options: Array.isArray(value)
        ? { ...toFields(event), values: value }
        : { ...toFields(event), ...(!isRanking && { values: [value] }) },
    })
    if (error === undefined) {
      call?.close(
        kind.mapAnswer({
          ...toFields(result),
          embeddings: fieldOf(result, 'embeddings') ?? [embedding],
          usage: fieldOf(result, 'usage'),
          ranking: fieldOf(result, 'ranking'),
        }),
      )
      this.onEnd({ callId })
    } else {
      this.onError({ callId, error })
    }
  }

  /**
   * The SDK is done with a stream. Mostly it has been reported before, or is a moment later.
   *
   * @param error - why the promises of the result are rejected: what the stream was aborted with, or that there is no output
   */
  endStream(callId: string, error: unknown): void {
    const endedAt = monotonicClock()
    this.#endLater({ callId }, ({ operation }) => {
      if (error === undefined || fieldOf(error, 'name') === 'AI_NoOutputGeneratedError') {
        operation.endRead(endedAt)
      } else if (operation.isStopped || !isUnknownFailure(error)) {
        this.onAbort({ callId, reason: error })
      } else {
        operation.endRead(endedAt)
      }
    })
  }

  /* Ends a call on a later turn of the event loop unless the SDK reports its end by then. */
  #endLater(event: unknown, end: (state: CallState) => void): void {
    startTimer(
      () =>
        this.#hear(event, (state) => {
          end(state)
        }),
      0,
      { keepAlive: true },
    )
  }

  #start(event: unknown, startedAt?: number): void {
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    const operationId = textOrUndefined(fieldOf(event, 'operationId')) ?? ''
    const kind = kindOfOperation(operationId)
    const isFunctionCall = kind === 'function'
    if (
      callId === undefined ||
      !this.isOn ||
      kind === 'ignored' ||
      (isFunctionCall && takenCalls.has(callId))
    ) {
      return
    }
    const key = nextKey()
    takenCalls.set(callId, '')
    if (isFunctionCall && takeEcho(this.#client)) {
      return
    }
    const settings = { ...callSettings({ telemetry: event }), ...this.#settings }
    const isStreamed = !isFunctionCall || operationId.startsWith('ai.stream')
    const name = settings.name ?? mapOperationName(operationId)
    const operation = startOperation({
      key,
      startedAt,
      client: this.#client,
      name,
      settings,
      readInput: () => mapInput(event),
      model: fieldOf(event, 'modelId'),
      messages: fieldOf(event, 'messages'),
      agentId: isFunctionCall ? undefined : name,
      abortSignal: undefined,
      hidesSignal: true,
      held: isStreamed,
    })
    if (operation === undefined) {
      if (!isFunctionCall) {
        this.#calls.ignoreAgent()
      }
    } else {
      takenCalls.set(callId, key)
      operation.responseFormat = mapResponseFormat(operationId, fieldOf(event, 'schema'))
      this.#calls.add({
        callId,
        operation,
        isAgent: !isFunctionCall,
        isStreamed,
        tools: new RunningTools(),
        values: new Map(),
        object: undefined,
        reported: undefined,
      })
    }
  }

  #startValues(event: unknown, key: unknown, kind: ValueCallKind): void {
    this.#hear(event, ({ operation, values }) => {
      // A retry has taken its place.
      values.get(key)?.close({ status: 'error', error: 'the attempt failed' })
      const call = startValueCall(kind, mapModel(event), { owner: operation, options: event })
      if (call !== undefined) {
        values.set(key, call)
      }
    })
  }

  #endValues(event: unknown, key: unknown, kind: ValueCallKind): void {
    this.#hear(event, ({ values }) => {
      values.get(key)?.close(kind.mapAnswer(event))
      values.delete(key)
    })
  }

  #hear(event: unknown, hear: (state: CallState) => void): void {
    guard('an event of the AI SDK', () => {
      const state = this.#calls.find(event)
      if (state !== undefined) {
        hear(state)
      }
    })
  }
}

function startTool(
  { operation, tools }: Pick<CallState, 'operation' | 'tools'>,
  call: {
    readonly call: unknown
    readonly id: string | undefined
    readonly name: string | undefined
    readonly input: unknown
  },
): void {
  const run = operation.recorder.start({
    key: nextKey(),
    name: call.name ?? 'tool',
    type: 'tool',
    parent: operation.run,
    input: call.input,
    metadata: { [attributes.operationName]: 'execute_tool', [attributes.toolCallId]: call.id },
  })
  if (run !== undefined) {
    tools.start(call.call, run)
  }
}

function nextKey(): string {
  startedRuns.count += 1
  return `ai-sdk:${startedRuns.count}`
}

function toFields(value: unknown): Fields {
  return isObject(value) ? value : {}
}

/* What the SDK puts in place of every error where inputs or outputs are not recorded. */
function isUnknownFailure(error: unknown): boolean {
  return fieldOf(error, 'message') === 'AI SDK operation failed'
}

/* What is observed comes back as it was, which the types cannot know. */
function sameAs<Result>(
  _execute: () => PromiseLike<Result>,
  work: () => unknown,
): PromiseLike<Result> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of `execute`, or a copy with another stream
  return work() as PromiseLike<Result>
}

/* Nothing is told of a stream that nobody reads to its end: it is over when it is collected. */
function followUnread(result: unknown, call: ModelCall, operation: Operation): unknown {
  return isPromiseLike(result)
    ? result.then((answer) => {
        const stream = fieldOf(answer, 'stream')
        if (isObject(stream) && isStream(stream)) {
          onCollected(stream, {
            collected: () => {
              if (call.run.isOpen) {
                operation.end({ status: 'incomplete', reason: reasons.neverRead })
              }
            },
          })
        }
        return answer
      })
    : result
}

/*
 * No event follows where the stream of an object breaks, or its reader leaves. The SDK holds the prompt as long as it holds
 * the stream, so that the call is over when the prompt is collected.
 */
function followPrompt({ isStreamed, operation, object }: CallState, prompt: unknown): void {
  if (isStreamed && isObject(prompt)) {
    onCollected(prompt, {
      collected: () => {
        if (object !== undefined) {
          closeObjectStep(object.step)
        }
        operation.end({ status: 'incomplete', reason: reasons.neverRead })
      },
    })
  }
}
