import {
  type AskedModel,
  attributes,
  failureEnd,
  guard,
  hasFired,
  isObject,
  monotonicClock,
  type Reason,
  reasons,
  type Recorder,
  resolveRecorder,
  type Run,
  type RunEnd,
  type RunFields,
  stopEnd,
  userTexts,
} from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import type { CallSettings } from './call-settings.ts'
import { reportedEnd, toolEnd } from './outcome.ts'
import { mapMessages } from './map-messages.ts'
import { refusedCalls, takeResumed } from './pending-calls.ts'
import { ToolCallLog } from './tool-call-log.ts'
import { fieldOf, isFunction, textOrUndefined } from './types.ts'
import { UnseenCalls } from './unseen-calls.ts'

/** An operation that starts. */
export interface OperationStart {
  readonly client: TruLayer | undefined
  readonly name: string
  /** What the call says about its recording. */
  readonly settings: CallSettings
  /** Reads what the user says; not called when nothing is recorded. */
  readonly readInput: () => unknown
  /** The model that is asked, or its id. */
  readonly model: unknown
  /** The messages so far, where they are known at the start: they may answer what an earlier turn left open. */
  readonly messages?: unknown
  /** The id of the agent that runs, where it has one. */
  readonly agentId?: string | undefined
  /** What the user's call can be stopped with. */
  readonly abortSignal: unknown
  /** True where that is out of reach, as for a telemetry engine. */
  readonly hidesSignal?: boolean | undefined
  /** True for a stream, which goes on as long as somebody reads. */
  readonly held: boolean
  /** The key of its run, where others look it up. */
  readonly key?: string | undefined
  /** When it started, where that was before now. */
  readonly startedAt?: number | undefined
  /** True where the call brings a telemetry engine of ours along, which must not record it again. */
  readonly hasEngine?: boolean | undefined
}

/** A model call that is under way. */
export interface OpenCall {
  /** The text so far. */
  readonly text: string | undefined
  /** What the SDK stops it with: the user's signal, together with time limits of the SDK. */
  readonly abortSignal: unknown
  /** Ends it with what the model has written so far. */
  close(end: RunEnd): void
}

/** What a model call belongs to: an operation, or nothing but the model call itself. */
export interface CallOwner {
  readonly recorder: Recorder
  /** True where the signals of its calls are out of reach. */
  readonly hidesSignal: boolean
  /** Starts a model call. */
  startModelCall(fields: ModelCallFields): Run | undefined
  /** Takes a model call whose end may not be seen. */
  addOpenCall(call: OpenCall): void
  /** Hears how a model call went, and what it has written. */
  endModelCall(call: OpenCall, run: Run, end: RunEnd, content: readonly unknown[]): void
  /** Tells that something goes on. */
  touch(): void
}

/** What a model call is started with. */
export interface ModelCallFields extends RunFields {
  readonly name: string
  readonly onClose?: (() => RunFields) | undefined
  readonly startedAt?: number | undefined
}

const ADAPTER = 'ai-sdk'

/**
 * What a copy of this package may use of the operation of another copy, which may be of another version. It stays the
 * same within a major.
 */
interface SharedOperation {
  readonly adapter: typeof ADAPTER
  takeEcho(): boolean
}

/**
 * One call of a function of the SDK or of an agent: the span that model calls and tools hang from. Steps are no spans.
 */
export class Operation implements CallOwner, SharedOperation {
  readonly adapter = ADAPTER
  readonly recorder: Recorder
  readonly hidesSignal: boolean
  readonly run: Run
  readonly tools: ToolCallLog
  /** The format that its model calls are asked for, where the SDK reports that of the operation alone. */
  responseFormat: unknown
  /** Called once it is over, however it ended. */
  onOver: (() => void) | undefined
  /* How many telemetry engines will tell of this call as well. */
  #echoes: number
  readonly #abortSignal: unknown
  /* That of the last model call. */
  #callSignal: unknown
  /* Tools that report an abort, as long as it is not known whether the whole operation was aborted. */
  #abortedTools: { readonly run: Run; readonly error: unknown; readonly endedAt: number }[] = []
  readonly #openCalls = new Set<OpenCall>()
  readonly #unread = new Set<Run>()
  #unseen: UnseenCalls | undefined
  /* The model call before, when it failed: what comes next is another attempt. */
  #failed: { readonly run: Run; readonly attempt: number; readonly error: unknown } | undefined
  #answer: unknown
  /* What the program received of it, where that is known. */
  #received: string | undefined
  #isStopped = false
  /* What a stream of an object came to. */
  #object: { readonly value: unknown; readonly error: unknown } | undefined

  constructor(
    recorder: Recorder,
    run: Run,
    start: Pick<OperationStart, 'abortSignal' | 'hidesSignal' | 'hasEngine'>,
  ) {
    this.recorder = recorder
    this.run = run
    this.tools = new ToolCallLog(recorder, run)
    this.#echoes = start.hasEngine === true ? 1 : 0
    this.#abortSignal = start.abortSignal
    this.hidesSignal = start.hidesSignal === true
    // To be found again from inside.
    run.notes = this
    run.onClose = () => {
      this.onOver?.()
      return { output: this.#textSoFar() }
    }
  }

  /** True for an operation of this copy of the package. */
  static isOwn(value: unknown): value is Operation {
    return isObject(value) && #echoes in value
  }

  /** True for a telemetry engine that tells of this very call, which is recorded already. */
  takeEcho(): boolean {
    const isEcho = this.#echoes > 0
    this.#echoes -= isEcho ? 1 : 0
    return isEcho
  }

  /** Tells what the operation was given, unless that is known already. */
  addInput(read: () => unknown): void {
    if (this.run.input === undefined && this.run.recordInputs) {
      this.recorder.update(this.run, { input: guard('the input of an operation', read) })
    }
  }

  /** Reads the answers to what earlier turns left open: those turns are of the same session. */
  resume(messages: unknown): void {
    guard('the turn before', () => {
      this.tools.noteConversation(messages)
      for (const { turn, toolCallId, toolName, result } of takeResumed(messages, this.run.turn)) {
        this.recorder.update(this.run, {
          conversationId: turn.sessionId,
          metadata: { [attributes.resumedFrom]: turn.traceId },
        })
        if (result !== undefined) {
          const end: RunEnd = result.isError
            ? { status: 'error', error: result.output }
            : toolEnd(result.output)
          this.#addTool(toolName, toolCallId, undefined, end)
        }
      }
      for (const { id, name, input } of refusedCalls(messages)) {
        this.#addTool(name, id, input, { status: 'cancelled', reason: reasons.rejected })
      }
    })
  }

  #addTool(name: string, id: string | undefined, input: unknown, end: RunEnd): void {
    const run = this.recorder.start({
      name,
      type: 'tool',
      parent: this.run,
      input,
      metadata: {
        [attributes.operationName]: 'execute_tool',
        [attributes.toolCallId]: id,
        [attributes.synthetic]: true,
      },
    })
    this.recorder.end(run, end)
  }

  startModelCall(fields: ModelCallFields): Run | undefined {
    this.tools.begin(fields.startedAt)
    const failed = this.#failed
    if (failed?.attempt === 1) {
      this.recorder.update(failed.run, { metadata: { [attributes.attempt]: 1 } })
    }
    const metadata =
      failed === undefined
        ? fields.metadata
        : { ...fields.metadata, [attributes.attempt]: failed.attempt + 1 }
    return this.recorder.start({
      ...fields,
      metadata,
      type: 'llm',
      parent: this.run,
    })
  }

  addOpenCall(call: OpenCall): void {
    this.#openCalls.add(call)
    this.#callSignal = call.abortSignal ?? this.#callSignal
  }

  /** Ends a tool that failed, where the signal of the call is out of reach. What follows shows whose an abort was. */
  failTool(run: Run | undefined, error: unknown): void {
    const end = reportedEnd(error)
    if (run !== undefined && end.status === 'cancelled') {
      this.#abortedTools.push({ run, error, endedAt: monotonicClock() })
    } else {
      this.recorder.end(run, end)
    }
  }

  #endAbortedTools(isStopped: boolean): void {
    for (const { run, error, endedAt } of this.#abortedTools.splice(0)) {
      this.recorder.end(run, {
        ...(isStopped ? reportedEnd(error) : { status: 'error', error }),
        endedAt,
      })
    }
  }

  /** Takes the id of a model that only the SDK can find: what it tells of the steps is all there is of the calls. */
  noteUnseenModel(modelId: string, prompt: unknown): void {
    this.#unseen ??= new UnseenCalls(this, modelId, prompt)
  }

  /** A tool of the program takes a call. */
  toolBegan(call: Parameters<ToolCallLog['executed']>[0]): void {
    this.tools.executed(call)
    this.#unseen?.toolBegan()
  }

  /** It has ended. */
  toolEnded(): void {
    this.#unseen?.toolEnded()
  }

  /** A part of the result's stream. */
  notePart(part: unknown): void {
    this.tools.note(part)
    this.#unseen?.part(part)
  }

  /** Takes the answer so far as the program receives it, after its transforms. */
  noteReceived(text: unknown): void {
    this.#received = typeof text === 'string' ? text : this.#received
  }

  /** The steps of a result that is there as a whole. */
  noteSteps(steps: unknown): void {
    this.#unseen?.steps(steps)
    this.tools.noteSteps(steps)
  }

  /** Takes a tool whose results may never be asked for. */
  addUnread(run: Run): void {
    this.#unread.add(run)
  }

  /** Somebody asks for the results of a tool. */
  read(run: Run): void {
    this.#unread.delete(run)
  }

  endModelCall(call: OpenCall, run: Run, end: RunEnd, content: readonly unknown[]): void {
    this.#openCalls.delete(call)
    this.#answer = call.text
    if (end.status === undefined || end.status === 'ok') {
      // The operation goes on, so the abort that a tool reported was the tool's own.
      this.#endAbortedTools(false)
    }
    this.#isStopped = end.status === 'cancelled'
    this.#failed =
      end.status === 'error'
        ? { run, attempt: (this.#failed?.attempt ?? 0) + 1, error: end.error }
        : undefined
    if (content.length > 0) {
      guard('the calls of a model', () => this.tools.answered(content))
    }
  }

  touch(): void {
    this.recorder.touch(this.run)
  }

  /** Ends it, with what the last model call wrote as its output. Whatever is still open in it is nobody's any more. */
  end(end: RunEnd = {}): void {
    if (!this.run.isOpen) {
      return
    }
    this.#endAbortedTools(end.status === 'cancelled')
    const callEnd = endOfOpenCall(end)
    for (const call of this.#openCalls) {
      call.close(callEnd)
    }
    for (const run of this.#unread) {
      this.recorder.end(run)
    }
    guard('the calls of a model', () => this.tools.settle(end))
    this.recorder.end(this.run, { output: this.#outputOf(this.#answer), ...end })
    this.onOver?.()
  }

  /** Ends it with a result of no known shape, as a mocked function returns it. */
  endUnfollowed(): void {
    this.#unseen?.discard()
    this.end()
  }

  /** Ends it with what it threw. */
  fail(error: unknown): void {
    const end = this.#endOf(error)
    this.#unseen?.fail(end)
    this.end(end)
  }

  #endOf(error: unknown): RunEnd {
    if (!this.hidesSignal) {
      return failureEnd(error, this.#firedSignal())
    }
    return this.#isStopped ? { status: 'cancelled', reason: reasons.aborted } : reportedEnd(error)
  }

  #firedSignal(): AbortSignal | undefined {
    return [this.#abortSignal, this.#callSignal].find(hasFired)
  }

  /** Takes the object that a stream came to, or why it is none. */
  noteObject(value: unknown, error: unknown): void {
    this.#object = { value, error }
  }

  /** Ends it when its result was read to the end, as what happened inside of it says. */
  endRead(endedAt?: number): void {
    const failure = this.#object?.error ?? this.#failed?.error
    if (failure === undefined) {
      const output = this.#object?.value
      this.end({ endedAt, ...(output !== undefined && { output }) })
    } else {
      this.fail(failure)
    }
  }

  /** True where the model call that ended last was stopped. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Ends it as the SDK has told; a stream that ends while its model still writes was stopped. */
  endTold(): void {
    if (this.#openCalls.size > 0) {
      this.cancel(reasons.aborted)
    } else {
      this.endRead()
    }
  }

  /** Ends it because it was stopped. */
  cancel(reason: Reason, endedAt?: number): void {
    const fired = this.#firedSignal()
    const end: RunEnd = fired === undefined ? { status: 'cancelled', reason } : stopEnd(fired)
    this.end({ ...end, endedAt })
  }

  /** Ends it because the SDK stopped its stream. Where no known signal has fired, a time limit of the SDK has. */
  endStopped(message: unknown): void {
    const fired = this.#firedSignal()
    const error = {
      name: 'TimeoutError',
      message: textOrUndefined(message) ?? 'a time limit of the call was exceeded',
    }
    this.end(
      fired === undefined ? { status: 'error', error, reason: reasons.timeout } : stopEnd(fired),
    )
  }

  #textSoFar(): unknown {
    return this.#outputOf([...this.#openCalls].at(-1)?.text ?? this.#answer)
  }

  #outputOf(answer: unknown): unknown {
    const received = this.#received
    if (received === undefined) {
      return answer
    }
    // A stream of text alone does not show where its last step begins.
    const isWhole = typeof answer === 'string' && received.endsWith(answer)
    return isWhole || (received === '' && answer === undefined) ? answer : received
  }
}

/* What was under way when the operation ended: it was stopped, and by a time limit if that ended the operation. */
function endOfOpenCall({ status, error, reason, endedAt }: RunEnd): RunEnd {
  if (status === 'error' && reason === reasons.timeout) {
    return { status, error, reason, endedAt }
  }
  return { status: status === 'incomplete' ? status : 'cancelled', reason, endedAt }
}

/** Starts an operation; `undefined` when it is not recorded. */
export function startOperation(start: OperationStart): Operation | undefined {
  return guard('the start of an operation', () => {
    const recorder = resolveRecorder(start.client)
    const { settings } = start
    const isNamed = start.agentId !== undefined || settings.name !== undefined
    const run = recorder.start({
      asks: () => askedBy(start),
      key: start.key,
      startedAt: start.startedAt,
      name: start.name,
      type: 'other',
      // Inside another run, its calls say all that an operation without a name could say. A root is the trace all the same.
      folded: !isNamed,
      held: start.held,
      sessionId: settings.sessionId,
      userId: settings.userId,
      tags: settings.tags,
      recordInputs: settings.recordInputs,
      recordOutputs: settings.recordOutputs,
      metadata: {
        ...settings.metadata,
        [attributes.framework]: 'ai-sdk',
        [attributes.agentName]: start.agentId,
        [attributes.operationName]: start.agentId === undefined ? undefined : 'invoke_agent',
      },
    })
    if (run === undefined) {
      return undefined
    }
    const operation = new Operation(recorder, run, start)
    operation.addInput(start.readInput)
    operation.resume(start.messages)
    return operation
  })
}

function askedBy({ model, messages }: OperationStart): AskedModel | undefined {
  return guard('what an operation asks', () => ({
    model: textOrUndefined(model) ?? textOrUndefined(fieldOf(model, 'modelId')),
    text: textOrUndefined(messages) ?? userTexts(mapMessages(messages)),
  }))
}

/** The operation that is active here, where this copy of the package has started it. */
export function activeOperation(client: TruLayer | undefined): Operation | undefined {
  const notes = resolveRecorder(client).active()?.notes
  return Operation.isOwn(notes) ? notes : undefined
}

/**
 * True where the operation that is active here records the call that a telemetry engine reports, whichever copy of the
 * package has started it.
 */
export function takeEcho(client: TruLayer | undefined): boolean {
  const notes = resolveRecorder(client).active()?.notes
  return isSharedOperation(notes) && notes.takeEcho()
}

function isSharedOperation(notes: unknown): notes is SharedOperation {
  return isObject(notes) && notes['adapter'] === ADAPTER && isFunction(notes['takeEcho'])
}
