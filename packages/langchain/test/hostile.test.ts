import { RunnableLambda } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { Annotation, START, StateGraph } from '@langchain/langgraph'
import { spanTree } from '@trulayer/core/testing'
import { createAgent } from 'langchain'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler } from '../src/index.ts'
import { captureOf, testClient } from './play.ts'

/* Whatever we would like to know of it throws when it is read. */
function unreadable(): object {
  const value = {}
  for (const name of ['messages', 'input', 'output', 'role', 'type', 'content', 'text']) {
    Object.defineProperty(value, name, {
      enumerable: true,
      get: () => {
        throw new Error(`do not read ${name}`)
      },
    })
  }
  return value
}

function unreadableError(): Error {
  const error = new RangeError('out of range')
  Object.defineProperty(error, 'message', {
    get: () => {
      throw new Error('do not read')
    },
  })
  return error
}

// What could not be read is told once for each place; here it is meant to be.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a value that cannot be read loses itself, not the span', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const value = unreadable()
  const result = await RunnableLambda.from((input: object) => input).invoke(value, {
    callbacks,
    runName: 'pass',
  })
  expect(result).toBe(value)
  expect(spanTree(await capture.last())).toBe('pass · ok')
})

test('an error that cannot be read reaches the host as it is, and the span is an error', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const error = unreadableError()
  const failing = RunnableLambda.from(() => {
    throw error
  })
  const thrown: unknown = await failing
    .invoke('x', { callbacks, runName: 'fail' })
    .catch((caught: unknown) => caught)
  expect(thrown === error).toBe(true)
  expect((await capture.last()).status).toBe('error')
})

test('a tool and a node that return what cannot be read', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const odd = tool(() => unreadable(), { name: 'odd', description: 'Odd', schema: z.object({}) })
  const State = Annotation.Root({ found: Annotation<object> })
  const graph = new StateGraph(State)
    .addNode('use', async () => ({ found: await odd.invoke({}) }))
    .addEdge(START, 'use')
    .compile({ name: 'desk' })
  const state = await graph.invoke({ found: {} }, { callbacks })
  expect(Object.keys(state.found)).toContain('messages')
  expect(spanTree(await capture.last())).toBe('desk · ok\n└─ other use · ok\n   └─ tool odd · ok')
})

test('arguments that cannot be written as JSON', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const cyclic: Record<string, unknown> = { size: 10n }
  cyclic['self'] = cyclic
  const model = new ScriptedChatModel({
    script: (messages) =>
      messages.length === 1
        ? { toolCalls: [{ id: 'c1', name: 'nothing', args: cyclic }] }
        : { text: 'Done.' },
  })
  await createAgent({ name: 'support', model, tools: [] })
    .invoke({ messages: [{ role: 'user', content: 'Hello' }] }, { callbacks })
    .catch(() => {})
  const trace = await capture.last()
  expect(trace.spans[0]).toMatchObject({ name: 'chat gpt-4o-mini', status: 'ok' })
})
