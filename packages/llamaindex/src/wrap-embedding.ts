import {
  asyncContext,
  attributes,
  isList,
  isText,
  readText,
  type Recorder,
  type Run,
  withRun,
} from '@trulayer/core/internal'

import { begunRetrieval, currentCaller } from './callers.ts'
import { endRun, failRun } from './end-run.ts'
import { type Instrumentation, openRun, type Recording } from './instrumentation.ts'
import { mapQuery } from './map-answer.ts'
import { mapModelName } from './map-model.ts'
import { observe } from './observe.ts'
import { startRun } from './start-run.ts'
import type { HostFunction } from './types.ts'
import { wrapMethod } from './wrap-method.ts'

/* Each calls another, and any of them may be the one that asks the provider: the outermost is the span. */
const METHODS = ['getQueryEmbedding', 'getTextEmbeddings', 'getTextEmbedding'] as const

/* The embedding that is at work here. */
const working = asyncContext<object>('llamaindex:embedding')

/** Makes an embedding model tell of its calls, of which there are no events. */
export function wrapEmbedding(instrumentation: Instrumentation, model: object): boolean {
  return METHODS.map((method) =>
    wrapMethod(instrumentation, model, method, (original, recording) =>
      embedMethod(recording, model, original),
    ),
  ).some(Boolean)
}

function embedMethod(recording: Recording, model: object, original: HostFunction): HostFunction {
  return function embed(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const open =
      working.current() === model
        ? undefined
        : recording.record('an embedding', (recorder) =>
            openRun(recorder, startEmbedding(recorder, model, parameters[0])),
          )
    if (open === undefined) {
      return work()
    }
    const { recorder, run } = open
    return withRun(run, () =>
      working.run(model, () =>
        observe(work, {
          what: 'an embedding',
          done: (vectors) => endRun(recorder, run, { output: mapVectors(vectors) }),
          failed: (error) => failRun(recorder, run, error),
        }),
      ),
    )
  }
}

function startEmbedding(recorder: Recorder, model: object, given: unknown): Run | undefined {
  const name = mapModelName(model)
  const texts = mapTexts(given)
  return startRun(
    recorder,
    {
      kind: 'embedding',
      endsAlways: true,
      name: name === undefined ? 'embeddings' : `embeddings ${name}`,
      type: 'llm',
      model: name,
      input: texts,
      parentKey: begunRetrieval(texts[0])?.key,
      metadata: { [attributes.operationName]: 'embeddings' },
    },
    currentCaller(),
  )
}

/* A text, a list of them, or a query. */
function mapTexts(given: unknown): readonly unknown[] {
  if (isList(given) && given.every(isText)) {
    return given
  }
  const text = mapQuery(given) ?? readText(given, 'text')
  return text === undefined ? [] : [text]
}

/* One vector or many, which say nothing to a person one by one. */
function mapVectors(vectors: unknown): unknown {
  if (!isList(vectors)) {
    return undefined
  }
  const [first] = vectors
  return isList(first)
    ? { vectors: vectors.length, dimensions: first.length }
    : { vectors: 1, dimensions: vectors.length }
}
