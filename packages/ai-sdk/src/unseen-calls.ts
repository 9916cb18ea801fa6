import {
  attributes,
  isObject,
  monotonicClock,
  type Run,
  type RunEnd,
} from '@trulayer/core/internal'

import type { Answer } from './answer.ts'
import { mapResultUsage } from './map-usage.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import type { CallOwner, ModelCallFields, OpenCall } from './operation.ts'
import { StreamedAnswer } from './streamed-answer.ts'
import { fieldOf } from './types.ts'

/**
 * The calls of a model that nobody can stand before: the SDK looks up an id with a provider that is out of reach, where the
 * namespace that was handed in has none. What the SDK tells of each step is made a model call; its times are those of the
 * tools before and after it.
 */
export class UnseenCalls implements CallOwner {
  readonly recorder: CallOwner['recorder']
  readonly hidesSignal = false
  readonly #owner: CallOwner
  readonly #modelId: string
  readonly #prompt: unknown
  readonly #seen = new WeakSet()
  #call: ModelCall | undefined
  #answer = new StreamedAnswer()
  #startedAt: number | undefined
  /* When the tools of a step began and ended, step by step. */
  readonly #pauses: { readonly begin: number; end: number }[] = []
  #runningTools = 0

  constructor(owner: CallOwner, modelId: string, prompt: unknown) {
    this.recorder = owner.recorder
    this.#owner = owner
    this.#modelId = modelId
    this.#prompt = prompt
    this.#begin(undefined)
  }

  startModelCall(fields: ModelCallFields): Run | undefined {
    return this.#owner.startModelCall({
      ...fields,
      startedAt: this.#startedAt,
      metadata: { ...fields.metadata, [attributes.synthetic]: true },
    })
  }

  addOpenCall(call: OpenCall): void {
    this.#owner.addOpenCall(call)
  }

  endModelCall(call: OpenCall, run: Run, end: RunEnd, content: readonly unknown[]): void {
    this.#owner.endModelCall(call, run, end, content)
  }

  touch(): void {
    this.#owner.touch()
  }

  /** A tool of the program begins: the model has spoken. */
  toolBegan(): void {
    const now = monotonicClock()
    if (this.#runningTools === 0) {
      this.#pauses.push({ begin: now, end: now })
    }
    this.#runningTools += 1
  }

  /** A tool of the program has ended. */
  toolEnded(): void {
    this.#runningTools -= 1
    const pause = this.#pauses.at(-1)
    if (pause !== undefined) {
      pause.end = monotonicClock()
    }
  }

  /** A part of the result's stream; the same one may come twice. */
  part(part: unknown): void {
    if (!isObject(part) || this.#seen.has(part)) {
      return
    }
    this.#seen.add(part)
    switch (part['type']) {
      case 'start-step':
        if (this.#call === undefined) {
          this.#begin(undefined)
        }
        break
      case 'finish-step':
        this.#end({ ...answerOfStep(part), content: this.#answer.content }, undefined)
        break
      default:
        if (this.#answer.add(part) && this.#call !== undefined) {
          this.#call.answer = this.#answer
        }
    }
  }

  /** The steps of a result that is there as a whole. */
  steps(steps: unknown): void {
    if (!Array.isArray(steps)) {
      // No step, as in the result of a mocked function: no call was made.
      this.discard()
      return
    }
    for (const [index, step] of steps.entries()) {
      if (this.#call === undefined) {
        this.#begin(this.#pauses[index - 1]?.end)
      }
      this.#end(answerOfStep(step), this.#pauses[index]?.begin)
    }
  }

  /** Takes back the call that is open: nothing has reported one. */
  discard(): void {
    if (this.#call !== undefined) {
      this.recorder.update(this.#call.run, { folded: true, type: 'other' })
      this.#call.close()
      this.#call = undefined
    }
  }

  /** The operation failed, and the call with it that was under way. */
  fail(end: RunEnd): void {
    this.#call?.close(end)
  }

  #begin(startedAt: number | undefined): void {
    this.#startedAt = startedAt
    this.#answer = new StreamedAnswer()
    this.#call = startModelCall(this, { modelId: this.#modelId }, { prompt: this.#prompt })
  }

  #end(answer: Answer, endedAt: number | undefined): void {
    if (this.#call !== undefined) {
      this.#call.answer = answer
      this.#call.close({ endedAt })
      this.#call = undefined
    }
  }
}

function answerOfStep(step: unknown): Answer {
  const content = fieldOf(step, 'content')
  return {
    content: Array.isArray(content) ? content.filter(isWrittenByModel) : [],
    finishReason: fieldOf(step, 'finishReason'),
    usage: mapResultUsage(fieldOf(step, 'usage')),
    providerMetadata: fieldOf(step, 'providerMetadata'),
    response: fieldOf(step, 'response'),
  }
}

/** True for content of a step that the model wrote; it has the results of the program's own tools as well. */
export function isWrittenByModel(part: unknown): boolean {
  const type = fieldOf(part, 'type')
  const isResult = type === 'tool-result' || type === 'tool-error'
  return !isResult || fieldOf(part, 'providerExecuted') === true
}
