import { checkAdapterOptions, guard, isObject } from '@trulayer/core/internal'
import type { TruLayer } from '@trulayer/core'

import { expectClaims, isClaimed } from './claim.ts'
import { LoneCallOwner } from './lone-call.ts'
import { observeGenerate, observeStream } from './model.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import { currentRequest } from './model-request.ts'
import { claimObjectStep } from './object-steps.ts'
import { fieldOf } from './types.ts'

/** How a model is recorded at its boundary. */
export interface MiddlewareOptions {
  /** Where calls are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined
}

/** A middleware that fits `wrapLanguageModel` of every version from 4 to 7. */
export interface TruLayerMiddleware {
  /**
   * Each version of the SDK wants another one in its types, and none looks at it: `never` fits all of them.
   */
  readonly specificationVersion: never
  /** Records a call whose answer comes in one piece. */
  readonly wrapGenerate: <Result>(call: {
    readonly doGenerate: () => PromiseLike<Result>
    readonly params: unknown
    readonly model: unknown
  }) => Promise<Result>
  /** Records a call whose answer is a stream. */
  readonly wrapStream: <Result>(call: {
    readonly doStream: () => PromiseLike<Result>
    readonly params: unknown
    readonly model: unknown
  }) => Promise<Result>
}

/**
 * A middleware for models that are wrapped anyway: each call of the model is one span, below whatever is active. Where an
 * instrumented function of the SDK records the call already, it does nothing.
 *
 * Put it last in a list of middlewares, next to the model, so that it sees what the model sees.
 *
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 * @example
 * ```ts
 * const model = wrapLanguageModel({ model: openai('gpt-4o-mini'), middleware: trulayerMiddleware() })
 * ```
 */
export function trulayerMiddleware(options: MiddlewareOptions = {}): TruLayerMiddleware {
  checkAdapterOptions('trulayerMiddleware()', options)
  const { client } = options
  expectClaims()
  const middleware = {
    specificationVersion: 'v4',
    wrapGenerate: async (call: GenerateCall): Promise<unknown> => {
      const modelCall = startCall(client, call, false)
      return modelCall === undefined
        ? call.doGenerate()
        : observeGenerate(modelCall, () => call.doGenerate())
    },
    wrapStream: async (call: StreamCall): Promise<unknown> => {
      const modelCall = startCall(client, call, true)
      return modelCall === undefined
        ? call.doStream()
        : observeStream(modelCall, () => call.doStream())
    },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what goes in comes out; only the version is a fiction
  return middleware as unknown as TruLayerMiddleware
}

interface BoundaryCall {
  readonly params: unknown
  readonly model: unknown
}

interface GenerateCall extends BoundaryCall {
  readonly doGenerate: () => PromiseLike<unknown>
}

interface StreamCall extends BoundaryCall {
  readonly doStream: () => PromiseLike<unknown>
}

function startCall(
  client: TruLayer | undefined,
  { model, params }: BoundaryCall,
  isStream: boolean,
): ModelCall | undefined {
  return guard('a model call', () => {
    const isInsideCall = isClaimed()
    currentRequest()?.notePassed(isInsideCall)
    const isKnown =
      isInsideCall || claimObjectStep(fieldOf(model, 'modelId'), fieldOf(model, 'provider'))
    return isKnown
      ? undefined
      : startModelCall(new LoneCallOwner(client, isStream), isObject(model) ? model : {}, params)
  })
}
