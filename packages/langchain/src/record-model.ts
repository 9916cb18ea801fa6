import {
  attributes,
  guard,
  isList,
  isText,
  type Snapshot,
  read,
  type Recorder,
  type Run,
  type RunFields,
  userTexts,
} from '@trulayer/core/internal'

import { modelAttempt, noteFailedModel } from './attempts.ts'
import { failRun } from './end-run.ts'
import type { Listener } from './listener.ts'
import { mapMessages, toolCallsOf } from './map-messages.ts'
import {
  generationsOf,
  mapGenerations,
  mapCost,
  mapDefinitions,
  mapModelName,
  mapOutputType,
  mapParameters,
  mapProvider,
  mapProviderMetadata,
  mapResponse,
} from './map-model.ts'
import { type MappedUsage, mapUsage, type StreamedUsage } from './map-usage.ts'
import { noteOutput } from './own-output.ts'
import { rememberResult } from './result-traces.ts'
import { runKey } from './run-key.ts'
import { notesOf } from './run-notes.ts'
import { placeOf, startRun } from './start-run.ts'
import { addPart, beginStream, partialFields, type StreamPart } from './stream-notes.ts'
import { addToolCalls, type AskedToolCall, mapToolCalls } from './tool-calls.ts'
import type { GenerationLike, ModelStarted } from './types.ts'

/** What a model does, in the field's words. */
export type ModelOperation = 'chat' | 'text_completion'

/** Starts a call of a chat model or of a completion model. Its messages are copied at once, and the rest a little later. */
export function startModel(
  recorder: Recorder,
  event: ModelStarted,
  operation: ModelOperation,
): void {
  const input = guard('the messages of a model call', () => keepInput(recorder, event.input))
  const definitions = guard('the tools of a model call', () =>
    recorder.keepDefinitions(mapDefinitions(event)),
  )
  const start: ModelStart = { event, operation, input, definitions }
  recorder.later('the start of a model', () => recordStart(recorder, start), true)
}

interface ModelStart {
  readonly event: ModelStarted
  readonly operation: ModelOperation
  readonly input: Snapshot | undefined
  readonly definitions: RunFields['definitions']
}

function recordStart(
  recorder: Recorder,
  { event, operation, input, definitions }: ModelStart,
): void {
  const model = guard('the name of a model', () => mapModelName(event))
  const stream = beginStream()
  const run = startRun(recorder, event, placeOf(recorder, event), {
    kind: 'call',
    name: model === undefined ? operation : `${operation} ${model}`,
    traceName: event.runName,
    type: 'llm',
    model,
    stream,
    signal: read(event.extraParams, 'options', 'signal'),
    claims: { model, text: isOfProvider(event) ? undefined : userTexts(input?.value) },
    onClose: () => partialFields(stream),
  })
  if (run === undefined) {
    return
  }
  recorder.update(run, {
    keptInput: input,
    definitions,
    metadata: {
      [attributes.operationName]: operation,
      [attributes.attempt]: modelAttempt(run),
      [attributes.providerName]: guard('the provider of a model', () => mapProvider(event)),
      [attributes.outputType]: guard('the parameters of a model call', () => mapOutputType(event)),
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
      metadata: { [attributes.timeToFirstToken]: Math.round(recorder.now() - run.startedAt) },
    })
  }
}

/**
 * Ends a model call. What it answered belongs to the host and is copied at once; LangChain's own cache, too, goes on
 * writing to it.
 */
export function endModel(
  recorder: Recorder,
  runId: string,
  result: unknown,
  extraParams: unknown,
): void {
  const key = runKey(runId)
  const generations = guard('the answer of a model', () => generationsOf(result)) ?? []
  const isCached = read(extraParams, 'cached') === true
  const answer: Answer = {
    generations,
    isCached,
    output: guard('the answer of a model', () =>
      recorder.keepMessages(mapGenerations(generations)),
    ),
    // A run that is not recorded yet is none whose stream has begun.
    usage: guard('the usage of a model call', () =>
      isCached
        ? undefined
        : mapUsage(generations, read(result, 'llmOutput'), streamedUsage(recorder.peek(key))),
    ),
    details: guard('the details of a model call', () => mapResponse(generations)),
    ...(isCached
      ? undefined
      : guard('the cost of a model call', () => ({
          reportedCost: mapCost(generations, read(result, 'llmOutput')),
          providerMetadata: recorder.keepProviderMetadata(mapProviderMetadata(generations)),
        }))),
    calls: guard('the tool calls of a model', () =>
      mapToolCalls(generations.map(messageOf).flatMap(toolCallsOf)),
    ),
  }
  recorder.later('the end of a model', () => recordEnd(recorder, key, answer))
}

/* What a model answered, as it was when it did. */
interface Answer {
  readonly generations: readonly GenerationLike[]
  readonly isCached: boolean
  readonly output: Snapshot | undefined
  readonly usage: MappedUsage | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly calls: readonly AskedToolCall[] | undefined
  readonly reportedCost?: number | undefined
  readonly providerMetadata?: Snapshot | undefined
}

function recordEnd(recorder: Recorder, key: string, answer: Answer): void {
  const run = recorder.find(key)
  if (run === undefined) {
    return
  }
  const { generations, isCached, usage } = answer
  guard('the result of a model', () => {
    generations.forEach(({ message }) => rememberResult(run, message))
    noteOutput(run, generations[0]?.message ?? generations[0]?.text)
  })
  recorder.end(run, {
    keptOutput: answer.output,
    // What the framework answers from its own cache costs nothing, whatever the cached message says.
    usage: isCached ? { promptTokens: 0, completionTokens: 0 } : usage?.usage,
    reportedCost: answer.reportedCost,
    providerMetadata: answer.providerMetadata?.value,
    metadata: {
      ...answer.details,
      [attributes.cached]: isCached || undefined,
      [attributes.estimated]: usage?.isEstimated || undefined,
    },
  })
  addToolCalls(run.turn, answer.calls ?? [], run.endedAt)
}

/** Ends a model call that failed, with what had come of its answer. */
export function failModel(recorder: Recorder, runId: string, error: unknown): void {
  const run = recorder.find(runKey(runId))
  if (run?.isOpen === true) {
    noteFailedModel(run)
  }
  failRun(recorder, run, error, partialFields(notesOf(run)?.stream))
}

/*
 * The integration of a provider, which LangChain can serialize, sends its requests itself. Only a model of the program's own
 * may call the AI SDK.
 */
function isOfProvider({ serialized }: ModelStarted): boolean {
  return read(serialized, 'type') === 'constructor'
}

function streamedUsage(run: Run | undefined): StreamedUsage | undefined {
  const stream = notesOf(run)?.stream
  return run === undefined || stream === undefined || stream.reached === 'nothing'
    ? undefined
    : {
        provider: run.metadata?.[attributes.providerName],
        opening: stream.opening,
        parts: stream.parts,
      }
}

function messageOf(generation: GenerationLike): unknown {
  return generation.message
}

/* Callbacks see one prompt at a time, in a list of its own. */
function keepInput(recorder: Recorder, input: unknown): Snapshot | undefined {
  const [prompt] = isList(input) ? input : []
  if (isList(prompt)) {
    return recorder.keepMessages(mapMessages(prompt))
  }
  return isText(prompt) ? recorder.keepMessages(mapMessages([prompt])) : undefined
}
