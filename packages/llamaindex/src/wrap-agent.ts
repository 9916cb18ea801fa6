import {
  attributes,
  guard,
  isText,
  read,
  readList,
  readText,
  type Recorder,
  type Run,
  withRun,
} from '@trulayer/core/internal'

import { agentTurn } from './agent-turn.ts'
import { currentCaller } from './callers.ts'
import { endRun, failRun } from './end-run.ts'
import { isFunction, isPromiseLike } from './guards.ts'
import type { Instrumentation } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { mapToolError } from './map-error.ts'
import { observe } from './observe.ts'
import { failBelow } from './read-answer.ts'
import { rememberResult } from './result-traces.ts'
import { startRun } from './start-run.ts'
import type { HostFunction } from './types.ts'
import { wrapChat } from './wrap-chat.ts'
import { wrapMethod } from './wrap-method.ts'

/* What LlamaIndex calls an agent that was given no name. */
const UNNAMED = 'Agent'

/** Makes an agent or a chat engine tell of its turns. */
export function wrapAgent(instrumentation: Instrumentation, agent: object): boolean {
  if (!isFunction(Reflect.get(agent, 'getAgents'))) {
    return wrapChat(instrumentation, agent)
  }
  wrapMethod(agent, 'callTool', (original) => callToolMethod(instrumentation, original))
  // Before workflow 1.1 an agent only runs; since then running is reading the stream to its end.
  const method = isFunction(Reflect.get(agent, 'runStream')) ? 'runStream' : 'run'
  return wrapMethod(agent, method, (original) => runMethod(instrumentation, agent, original))
}

function runMethod(
  instrumentation: Instrumentation,
  agent: object,
  original: HostFunction,
): HostFunction {
  return function run(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const turn = instrumentation.record('the turn of an agent', (recorder) => {
      for (const member of membersOf(agent)) {
        wrapMember(instrumentation, member)
      }
      return startTurn(recorder, agent, parameters[0])
    })
    if (turn === undefined) {
      return work()
    }
    try {
      const stream = inTurn(turn, work)
      rememberResult(turn, stream)
      guard('the run of an agent', () => enterLater(turn, stream))
      return stream
    } catch (error) {
      failRun(instrumentation.recorder, turn, error)
      throw error
    }
  }
}

function inTurn(turn: Run, work: () => unknown): unknown {
  return withRun(turn, () => agentTurn.run(turn, work))
}

/* Before workflow 1.1 a run does nothing until somebody waits for it or reads it. */
function enterLater(turn: Run, run: unknown): void {
  if (!isPromiseLike(run) || run instanceof Promise) {
    return
  }
  for (const method of ['then', Symbol.asyncIterator]) {
    wrapMethod(
      run,
      method,
      (original) =>
        function enter(...parameters) {
          return inTurn(turn, () => Reflect.apply(original, this, parameters))
        },
    )
  }
}

function startTurn(recorder: Recorder, agent: object, input: unknown): Run | undefined {
  const name = readText(agent, 'rootAgentName')
  const isNamed = name !== undefined && name !== UNNAMED
  return startRun(
    recorder,
    {
      kind: 'wrapped',
      endsAlways: true,
      name: isNamed ? name : 'agent',
      type: 'other',
      input: mapAnswerText(input),
      metadata: { [attributes.agentName]: isNamed ? name : undefined },
    },
    currentCaller(),
  )
}

/* Agents may be added at any time. */
function membersOf(agent: object): readonly object[] {
  const getAgents: unknown = Reflect.get(agent, 'getAgents')
  const members: unknown = isFunction(getAgents) ? Reflect.apply(getAgents, agent, []) : []
  return readList({ members }, 'members').filter(
    (member): member is object => typeof member === 'object' && member !== null,
  )
}

/*
 * An agent's run says nothing that could be heard without reading its stream for the host, and one whose model throws never
 * ends. But it ends by what its members do, so these are heard.
 */
function wrapMember(instrumentation: Instrumentation, member: object): void {
  const fail = (turn: Run, error: unknown): void => {
    const { recorder } = instrumentation
    failBelow(recorder, turn, error)
    failRun(recorder, turn, error)
  }
  const step =
    (what: string, done: (turn: Run, value: unknown, state: unknown) => void) =>
    (original: HostFunction): HostFunction =>
      function takeStep(...parameters) {
        const work = (): unknown => Reflect.apply(original, this, parameters)
        const turn = instrumentation.isOn ? agentTurn.current() : undefined
        return turn === undefined
          ? work()
          : observe(work, {
              what,
              done: (value) => done(turn, value, parameters[0]),
              failed: (error) => fail(turn, error),
            })
      }
  wrapMethod(
    member,
    'takeStep',
    step('the step of an agent', () => {}),
  )
  wrapMethod(
    member,
    'finalize',
    step('the answer of an agent', (turn, output, context) =>
      noteAnswer(instrumentation.recorder, turn, { output, context }),
    ),
  )
  wrapMethod(
    member,
    'getStructuredOutput',
    step('the answer of an agent', (turn, object) =>
      endRun(instrumentation.recorder, turn, { output: object }),
    ),
  )
}

/* The end of the turn, unless another agent goes on or the answer is yet to be brought into shape. */
function noteAnswer(
  recorder: Recorder,
  turn: Run,
  told: { readonly output: unknown; readonly context: unknown },
): void {
  const output = read(told.output, 'data') ?? told.output
  const state = read(told.context, 'data') ?? told.context
  if (isText(read(state, 'nextAgentName'))) {
    return
  }
  const message = read(output, 'response')
  rememberResult(turn, message)
  if (read(state, 'responseFormat') === undefined) {
    endRun(recorder, turn, { output: mapAnswerText(message) })
  }
}

function callToolMethod(instrumentation: Instrumentation, original: HostFunction): HostFunction {
  return function callTool(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const run = instrumentation.record('a tool', (recorder) => startTool(recorder, parameters[0]))
    return run === undefined
      ? work()
      : withRun(run, () =>
          observe(work, {
            what: 'the answer of a tool',
            done: (output) => endRun(instrumentation.recorder, run, { output }),
            failed: (error) => failRun(instrumentation.recorder, run, mapToolError(error)),
          }),
        )
  }
}

const HANDOFF = 'handOff'

function startTool(recorder: Recorder, told: unknown): Run | undefined {
  const call = read(told, 'data') ?? told
  const name = readText(call, 'toolName') ?? 'tool'
  const callId = readText(call, 'toolId')
  return startRun(
    recorder,
    {
      kind: 'tool',
      endsAlways: true,
      callId,
      name,
      type: 'tool',
      input: read(call, 'toolKwargs'),
      metadata: {
        [attributes.toolCallId]: callId,
        [attributes.handoffTo]:
          name === HANDOFF ? readText(call, 'toolKwargs', 'toAgent') : undefined,
      },
    },
    currentCaller(),
  )
}
