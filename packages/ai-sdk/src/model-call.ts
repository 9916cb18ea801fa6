import {
  attributes,
  failureEnd,
  type Fields,
  guard,
  hasFired,
  isStopReason,
  monotonicClock,
  reasons,
  type Run,
  type RunEnd,
  type RunFields,
  stopEnd,
} from '@trulayer/core/internal'

import { type AbortListener, addAbortListener, removeAbortListener } from './abort-listeners.ts'
import { type Answer, textOfAnswer } from './answer.ts'
import { mapContent, mapMessages } from './map-messages.ts'
import {
  mapDefinitions,
  mapFinishReason,
  mapOutputType,
  mapProvider,
  mapResponse,
  mapSettings,
} from './map-model.ts'
import { mapCost, mapUsage } from './map-usage.ts'
import { type ModelRequest, openRequest } from './model-request.ts'
import type { CallOwner, OpenCall } from './operation.ts'
import { reportedEnd } from './outcome.ts'
import { fieldOf, textOrUndefined } from './types.ts'

const NOTHING: Answer = { content: [] }

/** One attempt to call a model, from the request until its last part. */
export class ModelCall implements OpenCall, AbortListener {
  readonly run: Run
  /** What has come so far, where it comes in parts. */
  answer: Answer = NOTHING
  /** Called where the stream breaks, or ends without anything: the SDK starts nothing more after that. */
  onBroken: ((error: unknown) => void) | undefined
  readonly #owner: CallOwner
  readonly #provider: string
  readonly abortSignal: unknown
  readonly #hasTools: boolean
  readonly #request: ModelRequest | undefined

  constructor(
    owner: CallOwner,
    run: Run,
    {
      provider,
      options,
      request,
    }: {
      readonly provider: string
      readonly options: unknown
      readonly request: ModelRequest | undefined
    },
  ) {
    this.run = run
    this.#owner = owner
    this.#provider = provider
    this.abortSignal = fieldOf(options, 'abortSignal')
    this.#hasTools = !isObjectMode(options)
    this.#request = request
    run.onClose = () => {
      this.#stopListening()
      return this.#describe(this.answer)
    }
    owner.addOpenCall(this)
  }

  get text(): string | undefined {
    return textOfAnswer(this.answer)
  }

  /** Makes the request. */
  ask(request: () => unknown): unknown {
    return this.#request === undefined ? request() : this.#request.run(request)
  }

  /** Tells that something goes on. */
  touch(): void {
    this.#owner.touch()
  }

  /** Tells when the model began to write. */
  noteFirstOutput(): void {
    const milliseconds = Math.round(monotonicClock() - this.run.startedAt)
    this.#owner.recorder.update(this.run, {
      metadata: { [attributes.timeToFirstToken]: milliseconds },
    })
  }

  /** Closes the call the moment it is aborted: nobody may read the stream to its end then. */
  closeOnAbort(): void {
    // An object and no closure: a signal may outlive the call, and must not hold its stream.
    addAbortListener(this.abortSignal, this)
  }

  /** Ends the call that a signal has stopped. */
  aborted(signal: AbortSignal): void {
    this.close(stopEnd(signal))
  }

  /** Ends the call with what it threw. */
  fail(error: unknown): void {
    this.close(this.#owner.hidesSignal ? reportedEnd(error) : failureEnd(error, this.abortSignal))
  }

  /** Ends the call whose stream was cancelled. */
  leave(reason: unknown): void {
    if (hasFired(this.abortSignal)) {
      this.close(stopEnd(this.abortSignal))
    } else if (this.#owner.hidesSignal && isStopReason(reason)) {
      this.close(reportedEnd(reason))
    } else {
      this.close({ status: 'cancelled', reason: reasons.readerLeft })
    }
  }

  /** Ends the call with what has come. The first end wins. */
  close(end: RunEnd = {}): void {
    if (!this.run.isOpen) {
      return
    }
    this.#stopListening()
    const { answer } = this
    const isCached = (end.status ?? 'ok') === 'ok' && this.#isCached(answer)
    const described = isCached ? answeredForNothing(this.#describe(answer)) : this.#describe(answer)
    this.#owner.recorder.end(this.run, { ...described, ...end })
    this.#owner.endModelCall(this, this.run, end, this.#hasTools ? answer.content : [])
  }

  #isCached({ response }: Answer): boolean {
    return (
      this.#request?.isAnsweredByMiddleware(this.run.model, fieldOf(response, 'modelId')) === true
    )
  }

  #stopListening(): void {
    removeAbortListener(this.abortSignal, this)
    this.#request?.close()
  }

  #describe(answer: Answer): RunFields {
    const what = 'the answer of a model'
    const { providerMetadata } = answer
    const source = { provider: this.#provider, providerMetadata }
    const reason = guard(what, () => mapFinishReason(answer.finishReason))
    return {
      outputMessages:
        answer.content.length === 0 ? undefined : guard(what, () => mapContent(answer.content)),
      usage: guard(what, () => mapUsage(answer.usage, source)),
      reportedCost: guard(what, () => mapCost(answer)),
      providerMetadata,
      metadata: {
        ...guard(what, () => mapResponse(answer.response)),
        [attributes.responseFinishReasons]: reason === undefined ? undefined : [reason],
      },
    }
  }
}

/* What a cache answers costs nothing, whatever the usage of the answer that it kept. */
function answeredForNothing(described: RunFields): RunFields {
  return {
    ...described,
    usage: { promptTokens: 0, completionTokens: 0 },
    reportedCost: undefined,
    providerMetadata: undefined,
    metadata: { ...described.metadata, [attributes.cached]: true },
  }
}

/** Starts the span of a call of `model`; `undefined` when it is not recorded. */
export function startModelCall(
  owner: CallOwner,
  model: Fields,
  options: unknown,
): ModelCall | undefined {
  return guard('the start of a model call', () => {
    const provider = textOrUndefined(model['provider']) ?? ''
    const modelId = textOrUndefined(model['modelId'])
    const run = owner.startModelCall({
      name: modelId === undefined ? 'chat' : `chat ${modelId}`,
      model: modelId,
      inputMessages: guard('the prompt of a model', () => mapMessages(fieldOf(options, 'prompt'))),
      definitions: guard('the tools of a model call', () =>
        owner.recorder.keepDefinitions(mapDefinitions(options)),
      ),
      metadata: {
        [attributes.operationName]: 'chat',
        [attributes.providerName]: provider === '' ? undefined : mapProvider(provider),
        [attributes.outputType]: guard('the settings of a model call', () =>
          mapOutputType(options),
        ),
        ...guard('the settings of a model call', () => mapSettings(options)),
      },
    })
    return run === undefined
      ? undefined
      : new ModelCall(owner, run, { provider, options, request: openRequest(model) })
  })
}

/* Version 1 asks for objects by a tool of its own making, whose calls are the answer. */
function isObjectMode(options: unknown): boolean {
  const mode = fieldOf(fieldOf(options, 'mode'), 'type')
  return mode === 'object-tool' || mode === 'object-json'
}
