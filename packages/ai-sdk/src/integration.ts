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
  withRun,
} from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import { readAnswer } from './answer.ts'
import { type CallSettings, callSettings } from './call-settings.ts'
import { INTEGRATION } from './global-integrations.ts'
import { mapInput } from './map-input.ts'
import { mapResultUsage } from './map-usage.ts'
import { embeddings, reranking } from './map-values.ts'
import { observeGenerate, observeStream } from './model.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import { tapModelStream } from './model-stream.ts'
import { closeObjectStep, type ObjectStep, openObjectStep } from './object-steps.ts'
import { type Operation, startOperation, takeEcho } from './operation.ts'
import { isStopReason, reportedEnd, toolEnd, UNKNOWN_STREAM_ERROR } from './outcome.ts'
import { RunningTools } from './running-tools.ts'
import { repeatedResultsIn } from './span-attributes.ts'
import { fieldOf, isPromiseLike, isStream, textOrUndefined } from './types.ts'
import { startValueCall, type ValueCall, type ValueCallKind } from './value-call.ts'

/** What version 7 tells an integration, as far as it is heard. */
export interface TelemetryIntegration {
  onStart?(event: unknown): void
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
interface CallState {
  readonly operation: Operation
  readonly isStreamed: boolean
  readonly tools: RunningTools
  readonly values: Map<unknown, ValueCall>
  object: { readonly call: ModelCall; readonly step: ObjectStep } | undefined
}

const REMEMBERED_CALLS = 10_000
/* Operations that are spans; the SDK makes pictures, speech and decisions as well. */
const OPERATIONS = new Set([
  'ai.generateText',
  'ai.streamText',
  'ai.generateObject',
  'ai.streamObject',
  'ai.embed',
  'ai.embedMany',
  'ai.rerank',
])

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

/** A tool of a call that only the channel reports. */
export interface ChannelTool {
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
  readonly #calls = new BoundedMap<string, CallState>(REMEMBERED_CALLS)

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

  onObjectStepStart(event: unknown): void {
    this.#hear(event, (state) => {
      const call = startModelCall(state.operation, modelOf(event), {
        prompt: fieldOf(event, 'promptMessages'),
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
    this.#hear(event, (state) => {
      const { operation, tools } = state
      const call = fieldOf(event, 'toolCall')
      const id = textOrUndefined(fieldOf(call, 'toolCallId'))
      const name = textOrUndefined(fieldOf(call, 'toolName'))
      const input = fieldOf(call, 'input')
      operation.tools.executed({ id, name, input })
      const run = operation.recorder.start({
        key: nextKey(),
        name: name ?? 'tool',
        type: 'tool',
        parent: operation.run,
        input,
        metadata: { [attributes.operationName]: 'execute_tool', [attributes.toolCallId]: id },
      })
      if (run !== undefined) {
        tools.start(call, run)
      }
    })
  }

  onToolExecutionEnd(event: unknown): void {
    this.#hear(event, ({ operation, tools }) => {
      const output = fieldOf(event, 'toolOutput')
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
            this.#forget(event)
          }),
        0,
        { keepAlive: true },
      )
    })
  }

  onAbort(event: unknown): void {
    this.#hear(event, ({ operation }) => {
      const reason = fieldOf(event, 'reason')
      operation.end(
        isStopReason(reason)
          ? reportedEnd(reason)
          : { status: 'cancelled', reason: reasons.aborted },
      )
      this.#forget(event)
    })
  }

  onError(event: unknown): void {
    this.#hear(event, (state) => {
      const error = fieldOf(event, 'error')
      const failure = reportedEnd(error)
      state.object?.call.close(failure)
      for (const call of state.values.values()) {
        call.close(failure)
      }
      state.operation.fail(error)
      this.#forget(event)
    })
  }

  executeLanguageModelCall<Result>(call: {
    readonly execute: () => PromiseLike<Result>
  }): PromiseLike<Result> {
    const { execute } = call
    const started = guard('the start of a model call', () => {
      const state = this.#stateOf(call)
      const modelCall =
        state === undefined
          ? undefined
          : startModelCall(state.operation, modelOf(call), promptOf(call))
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
    const tool = guard('a tool', () =>
      this.#stateOf(call)?.tools.execute(fieldOf(call, 'toolCall')),
    )
    if (tool === undefined) {
      return execute()
    }
    const result = withRun(tool.run, execute)
    result.then(tool.done, tool.done)
    return result
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
    return this.#stateOf(event) !== undefined
  }

  /** Starts a model call of such a call. */
  startChannelModelCall(event: unknown): ModelCall | undefined {
    const state = this.#stateOf(event)
    const options = promptOf(event)
    state?.operation.tools.noteRepeated(repeatedResultsIn(options))
    return state === undefined
      ? undefined
      : startModelCall(state.operation, modelOf(event), options)
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
  startChannelTool(event: unknown): ChannelTool | undefined {
    this.onToolExecutionStart(event)
    return this.#stateOf(event)?.tools.execute(fieldOf(event, 'toolCall'))
  }

  /** Records a call of a model that answers with values, when it is over. */
  recordChannelValues(
    { callId, event }: { readonly callId: string; readonly event: unknown },
    result: unknown,
    error: unknown,
  ): void {
    const operation = this.#calls.get(callId)?.operation
    if (operation === undefined) {
      return
    }
    const isRanking = fieldOf(event, 'query') !== undefined
    const kind = isRanking ? reranking : embeddings
    const [value, embedding] = [fieldOf(event, 'value'), fieldOf(result, 'embedding')]
    const call = startValueCall(kind, modelOf(event), {
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
          this.#forget(event)
        }),
      0,
      { keepAlive: true },
    )
  }

  #start(event: unknown, startedAt?: number): void {
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    const operationId = textOrUndefined(fieldOf(event, 'operationId')) ?? ''
    if (
      callId === undefined ||
      !this.isOn ||
      !OPERATIONS.has(operationId) ||
      takenCalls.has(callId)
    ) {
      return
    }
    const key = nextKey()
    takenCalls.set(callId, '')
    if (takeEcho(this.#client)) {
      return
    }
    const settings = { ...callSettings({ telemetry: event }), ...this.#settings }
    const isStreamed = operationId.startsWith('ai.stream')
    const operation = startOperation({
      key,
      startedAt,
      client: this.#client,
      name: settings.name ?? operationId.slice('ai.'.length),
      settings,
      readInput: () => mapInput(event),
      messages: fieldOf(event, 'messages'),
      abortSignal: undefined,
      hidesSignal: true,
      held: isStreamed,
    })
    if (operation !== undefined) {
      takenCalls.set(callId, key)
      operation.onOver = () => this.#calls.delete(callId)
      this.#calls.set(callId, {
        operation,
        isStreamed,
        tools: new RunningTools(),
        values: new Map(),
        object: undefined,
      })
    }
  }

  #startValues(event: unknown, key: unknown, kind: ValueCallKind): void {
    this.#hear(event, ({ operation, values }) => {
      // A retry has taken its place.
      values.get(key)?.close({ status: 'error', error: 'the attempt failed' })
      const call = startValueCall(kind, modelOf(event), { owner: operation, options: event })
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

  #stateOf(event: unknown): CallState | undefined {
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    return callId === undefined ? undefined : this.#calls.get(callId)
  }

  #hear(event: unknown, hear: (state: CallState) => void): void {
    guard('an event of the AI SDK', () => {
      const state = this.#stateOf(event)
      if (state !== undefined) {
        hear(state)
      }
    })
  }

  #forget(event: unknown): void {
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    if (callId !== undefined) {
      this.#calls.delete(callId)
    }
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

function modelOf(event: unknown): Fields {
  return { modelId: fieldOf(event, 'modelId'), provider: fieldOf(event, 'provider') }
}

function promptOf(event: unknown): Fields {
  const instructions = fieldOf(event, 'instructions')
  const messages = fieldOf(event, 'messages')
  const system =
    typeof instructions === 'string'
      ? [{ role: 'system', content: instructions }]
      : Array.isArray(instructions)
        ? instructions
        : isObject(instructions)
          ? [instructions]
          : []
  return {
    ...(isObject(event) && event),
    prompt: [...system, ...(Array.isArray(messages) ? messages : [])],
  }
}
