import {
  attributes,
  isText,
  read,
  readList,
  type Recorder,
  type Run,
  shared,
  withRun,
} from '@trulayer/core/internal'

import { currentCaller, toolScope } from './callers.ts'
import { endRun, failRun } from './end-run.ts'
import { isStream } from './guards.ts'
import { type Instrumentation, type OpenRun, openRun, type Recording } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { mapMessages } from './map-messages.ts'
import { type ModelCall, startModelCall } from './model-call.ts'
import { observe } from './observe.ts'
import { readLater } from './read-answer.ts'
import { endLostTools, endToolsToldOf } from './record-tool.ts'
import { rememberResult } from './result-traces.ts'
import { startRun } from './start-run.ts'
import { tapStream } from './tap-stream.ts'
import type { HostFunction } from './types.ts'
import { wrapMethod } from './wrap-method.ts'

/* Completions that are under way and have not asked the chat of the same model. */
const completions = shared('llamaindex:completions', () => new WeakMap<Run, object>())

/** Makes a model tell of its calls: errors, streams that are left, and whatever its events leave out. */
export function wrapModel(instrumentation: Instrumentation, model: object): boolean {
  wrapMethod(instrumentation, model, 'exec', execMethod)
  wrapMethod(instrumentation, model, 'complete', (original, recording) =>
    completeMethod(recording, model, original),
  )
  return wrapMethod(instrumentation, model, 'chat', (original, recording) =>
    chatMethod(recording, model, original),
  )
}

function chatMethod(recording: Recording, model: object, original: HostFunction): HostFunction {
  return function chat(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const call = recording.record('a call of a model', (recorder) => {
      const around = recorder.active()
      const started = startModelCall(
        recorder,
        {
          model,
          operation: 'chat',
          messages: read(parameters[0], 'messages'),
          tools: read(parameters[0], 'tools'),
          isWrapped: true,
        },
        currentCaller(),
      )
      if (started !== undefined && around !== undefined && completions.get(around) === model) {
        becomeChat(recorder, around, started)
      }
      return started
    })
    return call === undefined ? work() : withRun(call.run, () => observeChat(call, work))
  }
}

/*
 * Synthesizers ask for completions. Most models make a chat of them, which is the call then; Ollama's has an endpoint of its
 * own for them, of which no event tells.
 */
function completeMethod(recording: Recording, model: object, original: HostFunction): HostFunction {
  return function complete(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const call = recording.record('a call of a model', (recorder) =>
      startModelCall(
        recorder,
        {
          model,
          operation: 'text_completion',
          messages: [{ role: 'user', content: read(parameters[0], 'prompt') }],
          isWrapped: true,
        },
        currentCaller(),
      ),
    )
    if (call === undefined) {
      return work()
    }
    completions.set(call.run, model)
    return withRun(call.run, () => observeChat(call, work))
  }
}

/* A completion that asks the chat of its own model is nothing but that. */
function becomeChat(recorder: Recorder, completion: Run, chat: ModelCall): void {
  completions.delete(completion)
  recorder.update(completion, {
    folded: true,
    type: 'other',
    name: chat.run.name,
    metadata: { [attributes.operationName]: 'chat' },
  })
}

function observeChat(call: ModelCall, work: () => unknown): unknown {
  return observe(work, {
    what: 'the answer of a model',
    done: (answer) => {
      if (isStream(answer)) {
        rememberResult(call.run, answer)
        call.hold()
        tapStream(answer, call)
      } else {
        call.answer(answer)
      }
    },
    failed: (error) => call.failed(error),
  })
}

/* Asks the model, and runs the tools that it asks for. */
function execMethod(original: HostFunction, recording: Recording): HostFunction {
  return function exec(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const open = recording.record('a call of a model', (recorder) =>
      openRun(recorder, startExec(recorder, parameters[0])),
    )
    return open === undefined
      ? work()
      : toolScope.run({ tool: undefined }, () => withRun(open.run, () => observeExec(open, work)))
  }
}

function startExec(recorder: Recorder, parameters: unknown): Run | undefined {
  return startRun(
    recorder,
    {
      kind: 'wrapped',
      endsAlways: true,
      name: 'exec',
      type: 'other',
      folded: true,
      input: mapMessages(read(parameters, 'messages')),
    },
    currentCaller(),
  )
}

function observeExec({ recorder, run }: OpenRun, work: () => unknown): unknown {
  return observe(work, {
    what: 'the answer of a model',
    done: (result) => {
      const messages: unknown = read(result, 'newMessages')
      const stream = read(result, 'stream')
      rememberResult(run, result)
      endToolsToldOf(recorder, run, messages)
      endLostTools(recorder, run)
      if (isStream(stream)) {
        readLater(recorder, run, stream)
      } else {
        endRun(recorder, run, { output: read(result, 'object') ?? lastText(messages) })
      }
    },
    failed: (error) => {
      endLostTools(recorder, run)
      failRun(recorder, run, error)
    },
  })
}

function lastText(messages: unknown): string | undefined {
  const answers = readList({ messages }, 'messages').filter(
    (message) => read(message, 'role') === 'assistant',
  )
  return answers.map((message) => mapAnswerText(message)).findLast(isText)
}
