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
import { type Instrumentation, type OpenRun, openRun, type Recording } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { mapToolError } from './map-error.ts'
import { observe } from './observe.ts'
import { failBelow } from './read-answer.ts'
import { rememberResult } from './result-traces.ts'
import { startRun } from './start-run.ts'
import type { HostFunction } from './types.ts'
import { wrapChat } from './wrap-chat.ts'
import { replaceMethod, wrapMethod } from './wrap-method.ts'

/* What LlamaIndex calls an agent that was given no name. */
const UNNAMED = 'Agent'

/** Makes an agent or a chat engine tell of its turns. */
export function wrapAgent(instrumentation: Instrumentation, agent: object): boolean {
  if (!isFunction(Reflect.get(agent, 'getAgents'))) {
    return wrapChat(instrumentation, agent)
  }
  wrapMethod(instrumentation, agent, 'callTool', callToolMethod)
  // Before workflow 1.1 an agent only runs; since then running is reading the stream to its end.
  const method = isFunction(Reflect.get(agent, 'runStream')) ? 'runStream' : 'run'
  return wrapMethod(instrumentation, agent, method, (original, recording) =>
    runMethod({ recording, instrumentation, agent }, original),
  )
}

interface WrappedAgent {
  readonly recording: Recording
  readonly instrumentation: Instrumentation
  readonly agent: object
}

function runMethod(
  { recording, instrumentation, agent }: WrappedAgent,
  original: HostFunction,
): HostFunction {
  return function run(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const turn = recording.record('the turn of an agent', (recorder) => {
      for (const member of membersOf(agent)) {
        wrapMember(instrumentation, member)
      }
      return openRun(recorder, startTurn(recorder, agent, parameters[0]))
    })
    if (turn === undefined) {
      return work()
    }
    try {
      const stream = inTurn(turn, work)
      rememberResult(turn.run, stream)
      guard('the run of an agent', () => enterLater(turn, stream))
      return stream
    } catch (error) {
      failRun(turn.recorder, turn.run, error)
      throw error
    }
  }
}

function inTurn(turn: OpenRun, work: () => unknown): unknown {
  return withRun(turn.run, () => agentTurn.run(turn, work))
}

/* Before workflow 1.1 a run does nothing until somebody waits for it or reads it. */
function enterLater(turn: OpenRun, run: unknown): void {
  if (!isPromiseLike(run) || run instanceof Promise) {
    return
  }
  for (const method of ['then', Symbol.asyncIterator]) {
    const original: unknown = Reflect.get(run, method)
    if (isFunction(original)) {
      replaceMethod(run, method, function enter(...parameters) {
        return inTurn(turn, () => Reflect.apply(original, this, parameters))
      })
    }
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
 * ends. But it ends by what its members do, so these are heard: the turn that they work for is told.
 */
function wrapMember(instrumentation: Instrumentation, member: object): void {
  for (const [method, done] of MEMBER_STEPS) {
    wrapMethod(instrumentation, member, method, (original) => stepMethod(original, done))
  }
}

type StepDone = (turn: OpenRun, value: unknown, context: unknown) => void

const MEMBER_STEPS: readonly (readonly [method: string, done: StepDone])[] = [
  ['takeStep', () => {}],
  ['finalize', noteAnswer],
  ['getStructuredOutput', ({ recorder, run }, object) => endRun(recorder, run, { output: object })],
]

function stepMethod(original: HostFunction, done: StepDone): HostFunction {
  return function step(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const turn = agentTurn.current()
    return turn === undefined
      ? work()
      : observe(work, {
          what: 'the step of an agent',
          done: (value) => done(turn, value, parameters[0]),
          failed: (error) => {
            failBelow(turn.recorder, turn.run, error)
            failRun(turn.recorder, turn.run, error)
          },
        })
  }
}

/* The end of the turn, unless another agent goes on or the answer is yet to be brought into shape. */
function noteAnswer({ recorder, run }: OpenRun, told: unknown, context: unknown): void {
  const output = read(told, 'data') ?? told
  const state = read(context, 'data') ?? context
  if (isText(read(state, 'nextAgentName'))) {
    return
  }
  const message = read(output, 'response')
  rememberResult(run, message)
  if (read(state, 'responseFormat') === undefined) {
    endRun(recorder, run, { output: mapAnswerText(message) })
  }
}

function callToolMethod(original: HostFunction, recording: Recording): HostFunction {
  return function callTool(...parameters) {
    const work = (): unknown => Reflect.apply(original, this, parameters)
    const open = recording.record('a tool', (recorder) =>
      openRun(recorder, startTool(recorder, parameters[0])),
    )
    if (open === undefined) {
      return work()
    }
    const { recorder, run } = open
    return withRun(run, () =>
      observe(work, {
        what: 'the answer of a tool',
        done: (output) => endRun(recorder, run, { output }),
        failed: (error) => failRun(recorder, run, mapToolError(error)),
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
