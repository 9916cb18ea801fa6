import type { Tags } from '@trulayer/core'
import { guard, type Run, withRun } from '@trulayer/core/internal'

import { currentCaller, toolScope } from './callers.ts'
import { endRun, failRun } from './end-run.ts'
import { isStream } from './guards.ts'
import type { Instrumentation } from './instrumentation.ts'
import { mapAnswerText } from './map-answer.ts'
import { closeBelow, failBelow, readLater } from './read-answer.ts'
import { endLostTools } from './record-tool.ts'
import { rememberResult } from './result-traces.ts'
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

/** Runs the host's work as one turn, and closes all that is open in it when the work throws. */
export async function runTurn<Result>(
  instrumentation: Instrumentation,
  turn: LlamaIndexTurn,
  work: () => Result | PromiseLike<Result>,
): Promise<Awaited<Result>> {
  const run = instrumentation.record('a turn', (recorder) =>
    startRun(
      recorder,
      { ...turn, kind: 'wrapped', endsAlways: true, name: turn.name ?? 'workflow', type: 'other' },
      currentCaller(),
    ),
  )
  if (run === undefined) {
    return await work()
  }
  try {
    const answer = await toolScope.run({ tool: undefined }, () => withRun(run, work))
    guard('the answer of a turn', () => endTurn(instrumentation, run, answer))
    return answer
  } catch (error) {
    guard('the error of a turn', () => failTurn(instrumentation, run, error))
    throw error
  }
}

/** Ends a turn with what it answered, or with the reader of that. */
export function endTurn({ recorder }: Instrumentation, run: Run, answer: unknown): void {
  rememberResult(run, answer)
  endLostTools(recorder, run)
  if (isStream(answer)) {
    readLater(recorder, run, answer)
  } else {
    endRun(recorder, run, { output: mapAnswerText(answer) })
  }
}

/** Fails a turn, and what is open in it: with the same error where that is one chain of calls. */
export function failTurn({ recorder }: Instrumentation, run: Run, error: unknown): void {
  endLostTools(recorder, run)
  if (isChain(run)) {
    failBelow(recorder, run, error)
  } else {
    // One of several has failed; the others were given up.
    closeBelow(recorder, run, { status: 'incomplete', reason: 'given up' })
  }
  failRun(recorder, run, error)
}

function isChain(above: Run): boolean {
  const open = above.turn.runs.filter((run) => run.isOpen && run !== above && run.isInside(above))
  return open.every((run, index) => index === 0 || run.parent === open[index - 1])
}
