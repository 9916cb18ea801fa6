import { type FinishedSpan, type FinishedTrace, TruLayer } from '@trulayer/core'
import { captureTraces } from '@trulayer/core/testing'
import { expect } from 'vitest'

/** What the agent of every framework is asked. */
export const QUESTION = 'What is the weather in Paris and Berlin, and what is 2 + 3?'

/** What comes of it. */
export const TREE = `support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

/** A turn of one framework. */
export type Turn = (client: TruLayer) => Promise<unknown>

/** The one trace of a turn. */
export async function record(turn: Turn): Promise<FinishedTrace> {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  await turn(client)
  const trace = await capture.last()
  expect(capture.traces).toHaveLength(1)
  return trace
}

/** What must be the same from every framework: everything but ids, times and the framework's own metadata. */
export function essence(trace: FinishedTrace): unknown {
  return {
    name: trace.name,
    status: trace.status,
    input: trace.input,
    output: trace.output,
    model: trace.model,
    spans: trace.spans
      .map(essenceOfSpan)
      .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
  }
}

function essenceOfSpan({
  name,
  type,
  status,
  input,
  output,
  model,
  usage,
  metadata,
}: FinishedSpan) {
  const {
    'gen_ai.operation.name': operation,
    'gen_ai.tool.call.id': callId,
    'gen_ai.response.finish_reasons': finishReasons,
  } = metadata
  return { name, type, status, model, usage, operation, callId, finishReasons, input, output }
}
