import { type Recorder, type Run, startTimer } from '@trulayer/core/internal'

import { threadOf } from './map-root.ts'
import { runKey } from './run-key.ts'
import type { MastraSpan } from './types.ts'

/** True for an agent after whose end Mastra may call a model for the title of the thread, from 1.30 on. */
export function mayCallForTitle(span: MastraSpan): boolean {
  return span.type === 'agent_run' && threadOf(span) !== undefined
}

/** Keeps the turn of an agent that ends, until `releaseTurn`. */
export function keepTurn(recorder: Recorder, span: MastraSpan, run: Run): void {
  if (mayCallForTitle(span)) {
    recorder.start({
      key: keeperKey(span),
      parent: run,
      type: 'other',
      name: 'title',
      folded: true,
    })
  }
}

/**
 * Lets the turn of an agent go in the next turn of the event loop, unless the call for the title has begun: it begins right
 * after the end of the agent, and the turn is over for a `flush()` right after the answer.
 */
export function releaseTurn(recorder: Recorder, span: MastraSpan): void {
  const release = (): void => recorder.end(recorder.find(keeperKey(span)))
  startTimer(() => recorder.later('the end of an agent', release), 0, { keepAlive: true })
}

function keeperKey({ id }: MastraSpan): string {
  return `${runKey(id)} title`
}
