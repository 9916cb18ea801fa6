import { read, withRun } from '@trulayer/core/internal'

import { currentCaller, toolScope } from './callers.ts'
import type { Instrumentation } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { observe } from './observe.ts'
import { endTurn, failTurn } from './run-turn.ts'
import { nameOfCaller, startRun } from './start-run.ts'
import type { HostFunction } from './types.ts'
import { wrapMethod } from './wrap-method.ts'

/** Makes a chat engine, or an agent of old, tell of its turns. */
export function wrapChat(instrumentation: Instrumentation, engine: object): boolean {
  return wrapMethod(engine, 'chat', (original) => chatMethod(instrumentation, engine, original))
}

function chatMethod(
  instrumentation: Instrumentation,
  engine: object,
  original: HostFunction,
): HostFunction {
  const name = nameOfCaller(engine)
  return function chat(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const run = instrumentation.record('a chat', (recorder) =>
      startRun(
        recorder,
        {
          kind: 'wrapped',
          endsAlways: true,
          name,
          type: 'other',
          // An engine is plumbing where it is not the turn itself; an agent is not.
          folded: name === 'chat',
          input: mapAnswerText(read(parameters[0], 'message')),
        },
        currentCaller(),
      ),
    )
    return run === undefined
      ? work()
      : toolScope.run({ tool: undefined }, () =>
          withRun(run, () =>
            observe(work, {
              what: 'the answer of a chat',
              done: (answer) => endTurn(instrumentation, run, answer),
              failed: (error) => failTurn(instrumentation, run, error),
            }),
          ),
        )
  }
}
