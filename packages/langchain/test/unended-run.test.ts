import { Annotation, START, StateGraph } from '@langchain/langgraph'
import { spanTree } from '@trulayer/core/testing'
import { expect, test, vi } from 'vitest'

import { TruLayerCallbackHandler } from '../src/index.ts'
import { captureOf, testClient } from './play.ts'

/* LangGraph does not always report the end of a graph whose reader has left. */
class Lossy extends TruLayerCallbackHandler {
  override handleChainError(...event: Parameters<TruLayerCallbackHandler['handleChainError']>) {
    const [, , parentRunId] = event
    if (parentRunId !== undefined) {
      super.handleChainError(...event)
    }
  }
}

test('a graph whose nodes were stopped ends although its end is not reported', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const controller = new AbortController()
  const graph = new StateGraph(Annotation.Root({ question: Annotation<string> }))
    .addNode('think', async (_state, { signal }) => {
      setTimeout(() => controller.abort(), 5)
      await new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      return {}
    })
    .addEdge(START, 'think')
    .compile({ name: 'steps' })
  const callbacks = [new Lossy({ client })]
  const running = graph.invoke({ question: '?' }, { callbacks, signal: controller.signal })
  await expect(running).rejects.toThrow('aborted')
  expect(client.stats().traces.open).toBe(1)
  await vi.waitFor(() => expect(capture.traces).toHaveLength(1), { timeout: 8000 })
  const [trace] = capture.traces
  expect(trace && spanTree(trace)).toBe('steps · cancelled\n└─ other think · cancelled')
  expect(trace && trace.endedAt - trace.startedAt).toBeLessThan(2000)
}, 10_000)
