import {
  attributes,
  guard,
  type Recorder,
  resolveRecorder,
  type Run,
  type RunEnd,
  type RunFields,
} from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import { abortReason, failureEnd, isAborted } from './outcome.ts'
import { fieldOf, isAbortSignal } from './types.ts'

/** An operation that starts. */
export interface OperationStart {
  readonly client: TruLayer | undefined
  readonly name: string
  /** Reads what the user says; not called when nothing is recorded. */
  readonly readInput: () => unknown
  /** The id of the agent that runs, where it has one. */
  readonly agentId?: string | undefined
  /** What the user's call can be stopped with. */
  readonly abortSignal: unknown
  /** True for a stream, which goes on as long as somebody reads. */
  readonly held: boolean
}

/** A model call that is under way. */
export interface OpenCall {
  /** Ends it with what the model has written so far. */
  close(end: RunEnd): void
}

/* Operations by their runs, to be found again from inside. */
const operations = new WeakMap<Run, Operation>()

/**
 * One run of `generateText`, `streamText` or an agent: the span that model calls and tools hang from. Steps are no spans.
 */
export class Operation {
  readonly recorder: Recorder
  readonly run: Run
  readonly #abortSignal: unknown
  readonly #openCalls = new Set<OpenCall>()
  /* The model call before, when it failed: what comes next is another attempt. */
  #failed: { readonly run: Run; readonly attempt: number } | undefined
  #answer: string | undefined
  #isStopped = false

  constructor(recorder: Recorder, run: Run, abortSignal: unknown) {
    this.recorder = recorder
    this.run = run
    this.#abortSignal = abortSignal
    operations.set(run, this)
  }

  /** Tells what the operation was given, unless that is known already. */
  addInput(read: () => unknown): void {
    if (this.run.input === undefined) {
      this.recorder.update(this.run, { input: guard('the input of an operation', read) })
    }
  }

  /** Starts a model call; the ones of an operation follow each other. */
  startModelCall(fields: RunFields & { readonly name: string }): Run | undefined {
    const failed = this.#failed
    if (failed?.attempt === 1) {
      this.recorder.update(failed.run, { metadata: { [attributes.attempt]: 1 } })
    }
    const attempt = failed === undefined ? undefined : failed.attempt + 1
    return this.recorder.start({
      ...fields,
      metadata: { ...fields.metadata, [attributes.attempt]: attempt },
      type: 'llm',
      parent: this.run,
    })
  }

  /** Takes a model call whose end may not be seen, to be closed with the operation. */
  addOpenCall(call: OpenCall): void {
    this.#openCalls.add(call)
  }

  /** Hears how a model call went, and what text it has written. */
  endModelCall(call: OpenCall, run: Run, end: RunEnd, text: string | undefined): void {
    this.#openCalls.delete(call)
    this.#answer = text
    this.#isStopped = end.status === 'cancelled'
    this.#failed =
      end.status === 'error' ? { run, attempt: (this.#failed?.attempt ?? 0) + 1 } : undefined
  }

  /** Ends it, with what the last model call wrote as its output. Whatever is still open in it is nobody's any more. */
  end(end: RunEnd = {}): void {
    if (!this.run.isOpen) {
      return
    }
    const status = end.status === 'incomplete' ? 'incomplete' : 'cancelled'
    for (const call of this.#openCalls) {
      call.close({ status, reason: end.reason, endedAt: end.endedAt })
    }
    this.recorder.end(this.run, { ...end, output: this.#answer })
  }

  /** Ends it with what it threw. */
  fail(error: unknown): void {
    this.end(failureEnd(error, this.#isStopped || isAborted(this.#abortSignal)))
  }

  /** Ends it because it was stopped. */
  cancel(reason: string, endedAt?: number): void {
    const signal = this.#abortSignal
    this.end({
      status: 'cancelled',
      reason: isAbortSignal(signal) && signal.aborted ? abortReason(signal) : reason,
      endedAt,
    })
  }
}

/** Starts an operation; `undefined` when it is not recorded. */
export function startOperation(start: OperationStart): Operation | undefined {
  return guard('the start of an operation', () => {
    const recorder = resolveRecorder(start.client)
    const run = recorder.start({
      name: start.name,
      type: 'other',
      held: start.held,
      metadata: {
        [attributes.framework]: 'ai-sdk',
        [attributes.agentName]: start.agentId,
        [attributes.operationName]: start.agentId === undefined ? undefined : 'invoke_agent',
      },
    })
    if (run === undefined) {
      return undefined
    }
    const operation = new Operation(recorder, run, start.abortSignal)
    operation.addInput(start.readInput)
    return operation
  })
}

/** The operation that is active here. */
export function activeOperation(client: TruLayer | undefined): Operation | undefined {
  const run = resolveRecorder(client).active()
  return run === undefined ? undefined : operations.get(run)
}

/** The name that the user gave to a call for telemetry. */
export function functionIdOf(options: unknown): unknown {
  const telemetry = fieldOf(options, 'telemetry') ?? fieldOf(options, 'experimental_telemetry')
  return fieldOf(telemetry, 'functionId')
}
