import { type Fields, isObject, readExport } from '@trulayer/core/internal'
import { readAnswer } from './answer.ts'
import { withClaim } from './claim.ts'
import { copyWith, overlay } from './copy-with.ts'
import { embeddings, reranking } from './map-values.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import { tapModelStream } from './model-stream.ts'
import { observe, observeAwaited } from './observe.ts'
import type { CallOwner } from './operation.ts'
import { fieldOf, type HostFunction, isFunction, isStream } from './types.ts'
import { valueMethod } from './value-call.ts'

/** Where a stand-in for a model keeps the model itself, the same in every copy of the library. */
const MODEL = Symbol.for('trulayer.model')

/** What a model is for, which decides where the SDK looks a string id up. */
export type ModelKind = 'language' | 'embedding' | 'reranking'

/** Finds the model behind a string id as the SDK would; `undefined` when no provider is at hand. */
export type ModelResolver = (id: string, kind: ModelKind) => unknown

/** What a resolver finds where the provider refuses the id, which the SDK will learn as well. */
const REFUSED: unique symbol = Symbol('trulayer.refused')

/* Methods that are a call of a model, each with what records it. */
type Instrument = (model: Fields, method: HostFunction, owner: CallOwner) => HostFunction

const METHODS: readonly (readonly [name: string, instrument: Instrument])[] = [
  ['doGenerate', generateWith],
  ['doStream', streamWith],
  ['doEmbed', (model, method, owner) => valueMethod(model, method, { kind: embeddings, owner })],
  ['doRerank', (model, method, owner) => valueMethod(model, method, { kind: reranking, owner })],
]

/**
 * A stand-in for a model that records its calls as those of the operation. Everything but the calls is the model's own,
 * the specification version above all. What is no model stays what it is, for the SDK to refuse.
 */
export function instrumentModel(
  model: unknown,
  owner: CallOwner,
  {
    resolve,
    kind = 'language',
    onUnseen,
  }: {
    readonly resolve: ModelResolver
    readonly kind?: ModelKind
    /** Hears of an id that only the SDK can make a model of. */
    readonly onUnseen?: ((id: string) => void) | undefined
  },
): unknown {
  const resolved = typeof model === 'string' ? resolve(model, kind) : model
  if (typeof model === 'string' && (resolved === undefined || resolved === REFUSED)) {
    if (resolved === undefined) {
      onUnseen?.(model)
    }
    return model
  }
  const found = originalModel(resolved)
  if (!isObject(found)) {
    return found
  }
  const replacements: Record<PropertyKey, unknown> = { [MODEL]: found }
  let isModel = false
  for (const [name, instrument] of METHODS) {
    const method = found[name]
    if (isFunction(method)) {
      isModel = true
      replacements[name] = instrument(found, method, owner)
    }
  }
  return isModel ? overlay(found, replacements) : found
}

/** The model itself where it is a stand-in of ours, else the value as it is. */
export function originalModel(model: unknown): unknown {
  return (isObject(model) ? model[MODEL] : undefined) ?? model
}

function generateWith(model: Fields, doGenerate: HostFunction, owner: CallOwner): HostFunction {
  return (...parameters) => {
    const call = startModelCall(owner, model, parameters[0])
    const work = (): unknown => Reflect.apply(doGenerate, model, parameters)
    return call === undefined ? work() : observeGenerate(call, work)
  }
}

function streamWith(model: Fields, doStream: HostFunction, owner: CallOwner): HostFunction {
  return (...parameters) => {
    const call = startModelCall(owner, model, parameters[0])
    const work = (): unknown => Reflect.apply(doStream, model, parameters)
    return call === undefined ? work() : observeStream(call, work)
  }
}

/** Makes a request for a whole answer, and ends the call with it. */
export function observeGenerate(call: ModelCall, request: () => unknown): unknown {
  return observeAwaited(() => withClaim(() => call.ask(request)), {
    what: 'the answer of a model',
    done: (result) => {
      call.answer = readAnswer(result)
      call.close()
    },
    failed: (error) => call.fail(error),
  })
}

/** Makes a request for a stream, and ends the call with its last part. */
export function observeStream(call: ModelCall, request: () => unknown): unknown {
  return observe(() => withClaim(() => call.ask(request)), {
    what: 'the stream of a model',
    done: (result) => {
      const stream = fieldOf(result, 'stream')
      if (!isObject(result) || !isStream(stream)) {
        return call.close({ status: 'incomplete' })
      }
      return copyWith(result, { stream: tapModelStream(stream, call) })
    },
    failed: (error) => call.fail(error),
  })
}

/* Where a provider makes its models; the older name of two comes second. */
const FACTORIES: Readonly<Record<ModelKind, readonly string[]>> = {
  language: ['languageModel'],
  embedding: ['embeddingModel', 'textEmbeddingModel'],
  reranking: ['rerankingModel'],
}

/** Resolves string ids with the provider that the process, else the namespace, has for them. */
export function createModelResolver(ai: object): ModelResolver {
  return (id, kind) => {
    const provider: unknown =
      Reflect.get(globalThis, 'AI_SDK_DEFAULT_PROVIDER') ?? readExport(ai, 'gateway')
    if (!isObject(provider) && !isFunction(provider)) {
      return undefined
    }
    const factory = FACTORIES[kind].map((name) => readExport(provider, name)).find(isFunction)
    try {
      return factory === undefined ? undefined : Reflect.apply(factory, provider, [id])
    } catch {
      // The SDK asks again with the same id, and throws this to the user.
      return REFUSED
    }
  }
}
