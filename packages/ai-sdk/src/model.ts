import { readAnswer } from './answer.ts'
import { copyWith, overlay } from './copy-with.ts'
import { startModelCall } from './model-call.ts'
import { tapModelStream } from './model-stream.ts'
import { observe } from './observe.ts'
import type { Operation } from './operation.ts'
import {
  fieldOf,
  type HostFunction,
  isFunction,
  isLanguageModel,
  isObject,
  isStream,
  type LanguageModel,
} from './types.ts'

/** Where a stand-in for a model keeps the model itself, the same in every copy of the library. */
const MODEL = Symbol.for('trulayer.model')

/** Finds the model behind a string id as the SDK would; `undefined` when it cannot. */
export type ModelResolver = (id: string) => unknown

/**
 * A stand-in for a model that records its calls as those of the operation. Everything but `doGenerate` and `doStream` is
 * the model's own, the specification version above all. What is no model stays what it is, for the SDK to refuse.
 */
export function instrumentModel(
  model: unknown,
  operation: Operation,
  resolve: ModelResolver,
): unknown {
  const found = originalModel(typeof model === 'string' ? (resolve(model) ?? model) : model)
  if (!isLanguageModel(found)) {
    return found
  }
  const { doGenerate, doStream } = found
  return overlay(found, {
    [MODEL]: found,
    ...(isFunction(doGenerate) && { doGenerate: generateWith(found, doGenerate, operation) }),
    ...(isFunction(doStream) && { doStream: streamWith(found, doStream, operation) }),
  })
}

/** The model itself where it is a stand-in of ours, else the value as it is. */
export function originalModel(model: unknown): unknown {
  return (isObject(model) ? model[MODEL] : undefined) ?? model
}

function generateWith(
  model: LanguageModel,
  doGenerate: HostFunction,
  operation: Operation,
): HostFunction {
  return (...parameters) => {
    const call = startModelCall(operation, model, parameters[0])
    const work = (): unknown => Reflect.apply(doGenerate, model, parameters)
    return call === undefined
      ? work()
      : observe(work, {
          what: 'the answer of a model',
          done: (result) => {
            call.answer = readAnswer(result)
            call.close()
          },
          failed: (error) => call.fail(error),
        })
  }
}

/*
 * The span is never the active one while the stream is made: what the SDK starts from inside, the tools above all, would
 * hang from it.
 */
function streamWith(
  model: LanguageModel,
  doStream: HostFunction,
  operation: Operation,
): HostFunction {
  return (...parameters) => {
    const call = startModelCall(operation, model, parameters[0])
    const work = (): unknown => Reflect.apply(doStream, model, parameters)
    return call === undefined
      ? work()
      : observe(work, {
          what: 'the stream of a model',
          done: (result) => {
            const stream = fieldOf(result, 'stream')
            if (!isObject(result) || !isStream(stream)) {
              return call.close({ status: 'incomplete' })
            }
            return copyWith(result, { stream: tapModelStream(stream, call, operation) })
          },
          failed: (error) => call.fail(error),
        })
  }
}

/** Resolves string ids with the provider that the process, else the namespace, has for them. */
export function createModelResolver(ai: object): ModelResolver {
  return (id) => {
    const provider: unknown =
      Reflect.get(globalThis, 'AI_SDK_DEFAULT_PROVIDER') ?? Reflect.get(ai, 'gateway')
    if (!isObject(provider) && !isFunction(provider)) {
      return undefined
    }
    const languageModel: unknown = Reflect.get(provider, 'languageModel')
    try {
      return isFunction(languageModel) ? Reflect.apply(languageModel, provider, [id]) : undefined
    } catch {
      // The SDK asks again with the same id, and throws this to the user.
      return undefined
    }
  }
}
