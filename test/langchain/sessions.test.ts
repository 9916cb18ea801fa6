import type { TruLayer } from '@trulayer/core'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import { describe, expect, onTestFinished, test } from 'vitest'

import { OF_SESSION, type SessionTurn, tracesInSession } from '../conformance/session.ts'
import { loadSet, setName } from './frameworks.ts'

const set = await loadSet(setName)
const question = 'hi'

const turns: Readonly<Record<string, SessionTurn>> = {
  'a model': (client) => model().invoke(question, handled(client)),
  'a model, read later': async (client) => {
    const stream = await model().stream(question, handled(client))
    return () => readAll(stream)
  },
  'a chain': (client) => chain().invoke(question, handled(client)),
  'a chain, instrumented': (client) => {
    onTestFinished(instrumentLangChain(set.callbacks, { client }))
    return chain().invoke(question)
  },
  'a graph': (client) => graph().invoke(state(), handled(client)),
  'a graph, read later': async (client) => {
    const stream = await graph().stream(state(), handled(client))
    return () => readAll(stream)
  },
}

describe(`inside withSession() on ${setName}`, () => {
  test.each(Object.entries(turns))('%s is in the session', async (_, turn) => {
    expect(await tracesInSession(turn)).toMatchObject([OF_SESSION])
  })
})

function model() {
  return new set.Model({ script: [{ text: 'hello' }] })
}

function chain() {
  return set.runnables.RunnableSequence.from([
    model(),
    set.runnables.RunnableLambda.from(({ text }: { text: string }) => text),
  ])
}

function graph() {
  const { MessagesAnnotation, StateGraph } = set.graph
  return new StateGraph(MessagesAnnotation)
    .addNode('answer', async ({ messages }) => ({ messages: [await model().invoke(messages)] }))
    .addEdge('__start__', 'answer')
    .compile()
}

function state() {
  return { messages: [new set.messages.HumanMessage(question)] }
}

function handled(client: TruLayer) {
  return { callbacks: [new TruLayerCallbackHandler({ client })] }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) {
    // Read to the end, as a route does.
  }
}
