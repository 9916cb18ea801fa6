import { isObject } from '@trulayer/core/internal'
import { copyWith } from './copy-with.ts'
import type { FunctionKind } from './instrument-function.ts'
import { mapVectors } from './map-values.ts'
import { instrumentModel, type ModelKind } from './model.ts'
import { observe } from './observe.ts'
import type { Operation } from './operation.ts'
import { instrumentCall } from './prepare-call.ts'
import { followObjectResult, followResult, followSingleReader } from './result-stream.ts'
import { fieldOf, type HostFunction, isFunction } from './types.ts'

/** `generateText`: ends with its result. */
export const textGeneration: FunctionKind = {
  isStream: false,
  prepare: instrumentCall,
  finish: (result, operation) => {
    operation.noteSteps(fieldOf(result, 'steps'))
    operation.end()
  },
}

/** `streamText`: ends with the readers of its result. */
export const textStream: FunctionKind = {
  isStream: true,
  prepare: instrumentCall,
  finish: followResult,
}

/** `experimental_streamTextLowMemory`: a result that can be read once, and keeps nothing. */
export const textStreamOfOneReader: FunctionKind = {
  isStream: true,
  prepare: instrumentCall,
  finish: followSingleReader,
}

/** `generateObject`. */
export const objectGeneration: FunctionKind = {
  isStream: false,
  prepare: instrumentCall,
  finish: (result, operation) => operation.end({ output: fieldOf(result, 'object') }),
}

/** `streamObject`. Whether the object fits its schema is told in `onFinish` alone. */
export const objectStream: FunctionKind = {
  isStream: true,
  prepare: (options, operation, resolve) => {
    const call = instrumentCall(options, operation, resolve)
    return isObject(call)
      ? copyWith(call, { onFinish: onFinishWith(call['onFinish'], operation) })
      : call
  },
  finish: followObjectResult,
}

/** `embed`. */
export const embedding = valueKind('embedding', (result) =>
  mapVectors([fieldOf(result, 'embedding')]),
)

/** `embedMany`. */
export const embeddingOfMany = valueKind('embedding', (result) =>
  mapVectors(fieldOf(result, 'embeddings')),
)

/** `rerank`. */
export const rerank = valueKind('reranking', (result) => fieldOf(result, 'ranking'))

function valueKind(kind: ModelKind, mapOutput: (result: unknown) => unknown): FunctionKind {
  return {
    isStream: false,
    prepare: (options, operation, resolve) =>
      isObject(options)
        ? copyWith(options, {
            model: instrumentModel(options['model'], operation, { resolve, kind }),
          })
        : options,
    finish: (result, operation) => operation.end({ output: mapOutput(result) }),
  }
}

function onFinishWith(onFinish: unknown, operation: Operation): HostFunction {
  return function (this: unknown, event, ...rest) {
    return observe(
      () => (isFunction(onFinish) ? Reflect.apply(onFinish, this, [event, ...rest]) : undefined),
      {
        what: 'the object of a stream',
        done: () => operation.noteObject(fieldOf(event, 'object'), fieldOf(event, 'error')),
        failed: () => {},
      },
    )
  }
}
