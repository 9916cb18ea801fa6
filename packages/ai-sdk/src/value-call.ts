import {
  attributes,
  failureEnd,
  type Fields,
  guard,
  type Run,
  type RunEnd,
} from '@trulayer/core/internal'

import { mapProvider, mapResponse } from './map-model.ts'
import { observeAwaited } from './observe.ts'
import type { CallOwner, OpenCall } from './operation.ts'
import { fieldOf, type HostFunction, textOrUndefined } from './types.ts'

/** How a model that answers with values is recorded. */
export interface ValueCallKind {
  /** In the words of the conventions, the first word of the span's name. */
  readonly operationName: string
  mapInput(options: unknown): unknown
  mapAnswer(result: unknown): RunEnd
}

/** A method of such a model, with its calls recorded as those of the owner. */
export function valueMethod(
  model: Fields,
  method: HostFunction,
  { kind, owner }: { readonly kind: ValueCallKind; readonly owner: CallOwner },
): HostFunction {
  return (...parameters) => {
    const call = startValueCall(kind, model, { owner, options: parameters[0] })
    const work = (): unknown => Reflect.apply(method, model, parameters)
    return call === undefined
      ? work()
      : observeAwaited(work, {
          what: 'the answer of a model',
          done: (result) =>
            call.close({
              ...guard('the answer of a model', () => kind.mapAnswer(result)),
              metadata: guard('the answer of a model', () =>
                mapResponse(fieldOf(result, 'response')),
              ),
            }),
          failed: (error) => call.close(failureEnd(error, call.abortSignal)),
        })
  }
}

/** A call of such a model that is under way. */
export class ValueCall implements OpenCall {
  readonly text = undefined
  readonly abortSignal: unknown
  readonly #owner: CallOwner
  readonly #run: Run

  constructor(owner: CallOwner, run: Run, options: unknown) {
    this.abortSignal = fieldOf(options, 'abortSignal')
    this.#owner = owner
    this.#run = run
    owner.addOpenCall(this)
  }

  /** Ends it. The first end wins. */
  close(end: RunEnd): void {
    if (this.#run.isOpen) {
      this.#owner.recorder.end(this.#run, end)
      this.#owner.endModelCall(this, this.#run, end, [])
    }
  }
}

/** Starts the span of such a call; `undefined` when it is not recorded. */
export function startValueCall(
  kind: ValueCallKind,
  model: Fields,
  {
    owner,
    options,
    startedAt,
  }: {
    readonly owner: CallOwner
    readonly options: unknown
    /** When it started, where that was before now. */
    readonly startedAt?: number | undefined
  },
): ValueCall | undefined {
  return guard('the start of a model call', () => {
    const modelId = textOrUndefined(model['modelId'])
    const provider = textOrUndefined(model['provider'])
    const { operationName } = kind
    const run = owner.startModelCall({
      name: modelId === undefined ? operationName : `${operationName} ${modelId}`,
      model: modelId,
      startedAt,
      input: guard('the values of a model call', () => kind.mapInput(options)),
      metadata: {
        [attributes.operationName]: operationName,
        [attributes.providerName]: provider === undefined ? undefined : mapProvider(provider),
      },
    })
    return run === undefined ? undefined : new ValueCall(owner, run, options)
  })
}
