import {
  attributes,
  guard,
  monotonicClock,
  readText,
  reasons,
  type Recorder,
  type Run,
  type RunEnd,
  shared,
  userTexts,
} from '@trulayer/core/internal'

import { endRun, failRun } from './end-run.ts'
import { mapAnswerText } from './map-answer.ts'
import { mapAnswer, mapMessage, mapMessages, toolCallsOf } from './map-messages.ts'
import {
  mapCost,
  mapModelName,
  mapParameters,
  mapProviderMetadata,
  mapResponse,
  mapUsage,
} from './map-model.ts'
import { endToolsToldOf } from './record-tool.ts'
import { rememberResult } from './result-traces.ts'
import { startRun } from './start-run.ts'
import { StreamedAnswer } from './streamed-answer.ts'
import type { StreamListener } from './tap-stream.ts'
import type { EventCaller } from './types.ts'

/** A call of a model that starts. */
export interface ModelCallStart {
  readonly key?: string | undefined
  /** The model, where it is known. */
  readonly model: object | undefined
  readonly operation: 'chat' | 'text_completion'
  readonly messages: unknown
  readonly tools?: unknown
  /** True where the call itself is wrapped, and not told by events. */
  readonly isWrapped: boolean
}

/** The calls that are under way, by their runs. */
const calls = shared('llamaindex:model-calls', () => new WeakMap<Run, ModelCall>())

/** The call of a model that a run is; `undefined` for a run of another kind. */
export function modelCallOf(run: Run | undefined): ModelCall | undefined {
  return run === undefined ? undefined : calls.get(run)
}

/** Starts a call of a model; `undefined` where it is not recorded. */
export function startModelCall(
  recorder: Recorder,
  start: ModelCallStart,
  caller: EventCaller | undefined,
): ModelCall | undefined {
  guard('the answers of tools', () => endToolsToldOf(recorder, recorder.active(), start.messages))
  const model = guard('the name of a model', () => mapModelName(start.model))
  const input = guard('the messages of a model call', () => mapMessages(start.messages))
  const answer = new StreamedAnswer()
  const run = startRun(
    recorder,
    {
      key: start.key,
      kind: 'model',
      endsAlways: start.isWrapped,
      name: model === undefined ? start.operation : `${start.operation} ${model}`,
      type: 'llm',
      model,
      input,
      claims: { model, text: userTexts(input) },
      definitions: guard('the tools of a model call', () =>
        recorder.keepDefinitions({ tools: start.tools }),
      ),
      metadata: {
        [attributes.operationName]: start.operation,
        ...guard('the parameters of a model', () => mapParameters(start.model)),
      },
      onClose: () => endOfStream(answer),
    },
    caller,
  )
  if (run === undefined) {
    return undefined
  }
  const call = new ModelCall(recorder, run, answer)
  calls.set(run, call)
  return call
}

/** A call of a model that is under way. */
export class ModelCall implements StreamListener {
  readonly what = 'the stream of a model'
  readonly run: Run
  readonly #recorder: Recorder
  readonly #streamed: StreamedAnswer

  constructor(recorder: Recorder, run: Run, streamed: StreamedAnswer) {
    this.#recorder = recorder
    this.run = run
    this.#streamed = streamed
  }

  /** The host holds the stream of its answer. */
  hold(): void {
    this.#recorder.update(this.run, { held: true })
  }

  /** A part of its answer. Little work: it comes for every token. */
  part(part: unknown): void {
    this.#recorder.touch(this.run)
    if (this.run.isOpen && this.#streamed.add(part)) {
      const waited = Math.round(monotonicClock() - this.run.startedAt)
      this.#recorder.update(this.run, {
        held: true,
        metadata: { [attributes.timeToFirstToken]: waited },
      })
    }
  }

  /** Its answer, whole. */
  answer(answer: unknown): void {
    guard('the result of a model', () => rememberResult(this.run, answer))
    if (this.#streamed.hasBegun) {
      this.done()
      return
    }
    const message = guard('the answer of a model', () => messageOf(answer))
    endRun(this.#recorder, this.run, {
      // A completion has a text and no message.
      output:
        message === undefined
          ? mapAnswer(readText(answer, 'text') ?? '', [])
          : [mapMessage(message)],
      usage: guard('the usage of a model call', () => mapUsage(answer)),
      reportedCost: guard('the cost of a model call', () => mapCost(answer)),
      providerMetadata: guard('the cost of a model call', () => mapProviderMetadata(answer)),
      metadata: guard('the details of a model call', () => mapResponse(answer)),
      answer: guard('the answer of a model', () => mapAnswerText(answer)),
      isAnswer: toolCallsOf(message).length === 0,
    })
  }

  done(): void {
    endRun(this.#recorder, this.run, {
      ...endOfStream(this.#streamed),
      answer: this.#streamed.text,
      isAnswer: !this.#streamed.asksForTools,
    })
  }

  failed(error: unknown): void {
    failRun(this.#recorder, this.run, error, endOfStream(this.#streamed))
  }

  left(): void {
    this.close({ status: 'cancelled', reason: reasons.readerLeft })
  }

  collected(): void {
    this.close({ status: 'incomplete', reason: reasons.neverRead })
  }

  handedOn(): void {
    this.done()
  }

  /** Ends it with what has come so far. */
  close(end: RunEnd): void {
    endRun(this.#recorder, this.run, {
      ...endOfStream(this.#streamed),
      ...end,
      answer: this.#streamed.text,
      isAnswer: true,
    })
  }
}

function endOfStream(answer: StreamedAnswer): RunEnd {
  const { usage, reportedCost, providerMetadata, details } = answer
  return { output: answer.toMessages(), usage, reportedCost, providerMetadata, metadata: details }
}

function messageOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'message') : undefined
}
