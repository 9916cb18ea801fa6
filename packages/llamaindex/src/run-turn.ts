import type { Tags } from '@trulayer/core'
import {
  cleanAdapterOptions,
  functionError,
  guard,
  kinds,
  type Recorder,
  type Run,
  sessionKinds,
  withRun,
} from '@trulayer/core/internal'

import { currentCaller, toolScope } from './callers.ts'
import { endBelow, endRun, failRun } from './end-run.ts'
import { isStream } from './guards.ts'
import { type Instrumentation, type OpenRun, openRun } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { closePart, failPart, readLater } from './read-answer.ts'
import { endLostTools } from './record-tool.ts'
import { rememberResult } from './result-traces.ts'
import { notesOf } from './run-notes.ts'
import { startRun } from './start-run.ts'

/** What a turn is, and whom it is for. */
export interface LlamaIndexTurn {
  /** @defaultValue `workflow` */
  readonly name?: string | undefined
  /** The conversation that it belongs to. */
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  readonly tags?: Tags | undefined
  /** Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** What it was given. @defaultValue what the first call inside was given */
  readonly input?: unknown
}

const TURN_OPTIONS = {
  ...sessionKinds,
  name: [kinds.string],
  input: [kinds.any],
} as const satisfies Record<keyof LlamaIndexTurn, unknown>

/** Runs the host's work as one turn, and closes all that is open in it when the work throws. */
export async function runTurn<Result>(
  instrumentation: Instrumentation,
  turn: LlamaIndexTurn,
  work: () => Result | PromiseLike<Result>,
): Promise<Awaited<Result>> {
  if (typeof work !== 'function') {
    throw functionError('run(turn, work)', 'work', work)
  }
  const clean = cleanAdapterOptions('run() of LlamaIndex', turn, TURN_OPTIONS)
  const open = instrumentation.record('a turn', (recorder) =>
    openRun(recorder, startTurn(recorder, clean)),
  )
  if (open === undefined) {
    return await work()
  }
  try {
    // Waited for inside, since there are promises that do nothing before.
    const wait = async (): Promise<Awaited<Result>> => await work()
    const answer = await toolScope.run({ tool: undefined }, () => withRun(open.run, wait))
    guard('the answer of a turn', () => endTurn(open, answer))
    return answer
  } catch (error) {
    guard('the error of a turn', () => failTurn(open, error))
    throw error
  }
}

function startTurn(recorder: Recorder, turn: LlamaIndexTurn): Run | undefined {
  return startRun(
    recorder,
    { ...turn, kind: 'wrapped', endsAlways: true, name: turn.name ?? 'workflow', type: 'other' },
    currentCaller(),
  )
}

/** Ends a turn with what it answered, or with the reader of that. */
export function endTurn({ recorder, run }: OpenRun, answer: unknown): void {
  rememberResult(run, answer)
  endLostTools(recorder, run)
  if (isStream(answer)) {
    readLater(recorder, run, answer)
  } else {
    endRun(recorder, run, { output: mapAnswerText(answer) })
  }
}

/**
 * Fails a turn, and what is open in it: with the same error what the error came through, or, where nobody has told it, the
 * one chain of calls that is open. Of several calls the others were given up.
 */
export function failTurn({ recorder, run }: OpenRun, error: unknown): void {
  endLostTools(recorder, run)
  const open = run.turn.runs.filter((part) => part.isOpen && part.isInside(run))
  const isTold = open.some((part) => hasTold(part, error))
  const isChain = open.every((part, index) => index === 0 || part.parent === open[index - 1])
  endBelow(recorder, run, (part) => {
    if (isTold ? hasTold(part, error) : isChain) {
      failPart(recorder, part, error)
    } else {
      closePart(recorder, part, { status: 'incomplete' })
    }
  })
  failRun(recorder, run, error)
}

function hasTold(run: Run, error: unknown): boolean {
  return notesOf(run)?.failure?.error === error
}
