import { read, type Recorder, type Run, withRun } from '@trulayer/core/internal'

import { currentCaller, toolScope } from './callers.ts'
import { type Instrumentation, openRun, type Recording } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { observe } from './observe.ts'
import { endTurn, failTurn } from './run-turn.ts'
import { nameOfCaller, startRun } from './start-run.ts'
import type { HostFunction } from './types.ts'
import { wrapMethod } from './wrap-method.ts'

/** Makes a chat engine, or an agent of old, tell of its turns. */
export function wrapChat(instrumentation: Instrumentation, engine: object): boolean {
  return wrapMethod(instrumentation, engine, 'chat', (original, recording) =>
    chatMethod(recording, engine, original),
  )
}

function chatMethod(recording: Recording, engine: object, original: HostFunction): HostFunction {
  return function chat(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const open = recording.record('a chat', (recorder) =>
      openRun(recorder, startChat(recorder, engine, parameters[0])),
    )
    return open === undefined
      ? work()
      : toolScope.run({ tool: undefined }, () =>
          withRun(open.run, () =>
            observe(work, {
              what: 'the answer of a chat',
              done: (answer) => endTurn(open, answer),
              failed: (error) => failTurn(open, error),
            }),
          ),
        )
  }
}

function startChat(recorder: Recorder, engine: object, parameters: unknown): Run | undefined {
  const name = nameOfCaller(engine)
  return startRun(
    recorder,
    {
      kind: 'wrapped',
      endsAlways: true,
      name,
      type: 'other',
      // An engine is plumbing where it is not the turn itself; an agent is not.
      folded: name === 'chat',
      input: mapAnswerText(read(parameters, 'message')),
    },
    currentCaller(),
  )
}
