import {
  attributes,
  guard,
  isList,
  isText,
  type Message,
  monotonicClock,
  read,
  type Recorder,
  type Run,
} from '@trulayer/core/internal'

import { modelAttempt, noteFailedModel } from './attempts.ts'
import { failRun } from './end-run.ts'
import type { Listener } from './listener.ts'
import { mapMessages, toolCallsOf } from './map-messages.ts'
import {
  generationsOf,
  mapGenerations,
  mapModelName,
  mapParameters,
  mapProvider,
  mapResponse,
} from './map-model.ts'
import { mapUsage, type StreamedUsage } from './map-usage.ts'
import { noteOutput } from './own-output.ts'
import { rememberResult } from './result-traces.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { placeOf, startRun } from './start-run.ts'
import { addPart, beginStream, partialAnswer, type StreamPart } from './stream-notes.ts'
import { rememberToolCalls } from './tool-calls.ts'
import type { GenerationLike, ModelStarted } from './types.ts'

/** What a model does, in the field's words. */
export type ModelOperation = 'chat' | 'text_completion'

/** Starts a call of a chat model or of a completion model. */
export function startModel(
  recorder: Recorder,
  event: ModelStarted,
  operation: ModelOperation,
): void {
  const model = guard('the name of a model', () => mapModelName(event))
  const stream = beginStream()
  const run = startRun(recorder, event, placeOf(recorder, event), {
    kind: 'call',
    name: model === undefined ? operation : `${operation} ${model}`,
    type: 'llm',
    model,
    stream,
    claims: true,
    onClose: () => ({ outputMessages: partialAnswer(stream) }),
  })
  if (run === undefined) {
    return
  }
  recorder.update(run, {
    inputMessages: guard('the messages of a model call', () => mapInput(event.input)),
    metadata: {
      [attributes.operationName]: operation,
      [attributes.attempt]: modelAttempt(run),
      [attributes.providerName]: guard('the provider of a model', () => mapProvider(event)),
      ...guard('the parameters of a model call', () => mapParameters(event)),
    },
  })
}

/** Notes a part of a model's stream. Little work: it comes for every token. */
export function notePart(
  recorder: Recorder,
  runId: string,
  heardBy: Listener,
  part: StreamPart,
): void {
  const run = recorder.find(runKey(runId))
  const notes = notesOf(run)
  recorder.touch(run)
  if (run === undefined || notes?.stream === undefined || notes.heardBy !== heardBy) {
    return
  }
  if (addPart(notes.stream, part)) {
    recorder.update(run, {
      held: true,
      metadata: { [attributes.timeToFirstToken]: Math.round(monotonicClock() - run.startedAt) },
    })
  }
}

/** Ends a model call. */
export function endModel(
  recorder: Recorder,
  runId: string,
  result: unknown,
  extraParams: unknown,
): void {
  const run = recorder.find(runKey(runId))
  if (run === undefined) {
    return
  }
  const generations = guard('the answer of a model', () => generationsOf(result)) ?? []
  const isCached = read(extraParams, 'cached') === true
  const mapped = guard('the usage of a model call', () =>
    isCached ? undefined : mapUsage(generations, read(result, 'llmOutput'), streamedUsage(run)),
  )
  guard('the tool calls of a model', () =>
    rememberToolCalls(run, generations.map(messageOf).flatMap(toolCallsOf)),
  )
  guard('the result of a model', () => {
    generations.forEach(({ message }) => rememberResult(run, message))
    noteOutput(run, generations[0]?.message ?? generations[0]?.text)
  })
  recorder.end(run, {
    outputMessages: guard('the answer of a model', () => mapGenerations(generations)),
    // What the framework answers from its own cache costs nothing, whatever the cached message says.
    usage: isCached ? { promptTokens: 0, completionTokens: 0 } : mapped?.usage,
    metadata: {
      ...guard('the details of a model call', () => mapResponse(generations)),
      [attributes.cached]: isCached || undefined,
      [attributes.estimated]: mapped?.isEstimated || undefined,
    },
  })
}

/** Ends a model call that failed, with as much of its answer as had come. */
export function failModel(recorder: Recorder, runId: string, error: unknown): void {
  const run = recorder.find(runKey(runId))
  if (run?.isOpen === true) {
    noteFailedModel(run)
  }
  failRun(recorder, run, error, { outputMessages: partialAnswer(notesOf(run)?.stream) })
}

function streamedUsage(run: Run): StreamedUsage | undefined {
  const stream = notesOf(run)?.stream
  return stream === undefined || stream.reached === 'nothing'
    ? undefined
    : { provider: run.metadata?.[attributes.providerName], openingTokens: stream.openingTokens }
}

function messageOf(generation: GenerationLike): unknown {
  return generation.message
}

/* Callbacks see one prompt at a time, in a list of its own. */
function mapInput(input: unknown): Message[] | undefined {
  const [prompt] = isList(input) ? input : []
  if (isList(prompt)) {
    return mapMessages(prompt)
  }
  return isText(prompt) ? mapMessages([prompt]) : undefined
}
