import * as callbacks from '@langchain/core/callbacks/manager'
import { HumanMessage } from '@langchain/core/messages'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'
import { createAgent } from 'langchain'
import { expect, onTestFinished, test } from 'vitest'

import { canonicalModel, canonicalTools } from '../support/ai-sdk-agents.ts'
import {
  calculator,
  canonicalModel as langchainModel,
  weather,
} from '../support/langchain-agents.ts'
import { OF_CALL, OF_SESSION, OWN_CALL, type SessionTurn, tracesInSession } from './session.ts'

const prompt = 'hi'
const question = { messages: [new HumanMessage(prompt)] }
const tools = canonicalTools
const stopWhen = ai.isStepCount(3)

const turns: Readonly<Record<string, SessionTurn>> = {
  'trace()': (client) => client.trace('answer', () => 'x'),
  'span()': (client) => client.span('search', 'retrieval', () => 'x'),
  'AI SDK, instrumented': (client) => sdkOf(client).generateText(textCall()),
  'AI SDK, instrumented, read later': (client) => readLater(sdkOf(client).streamText(textCall())),
  'AI SDK, an agent': (client) =>
    new (sdkOf(client).ToolLoopAgent)({ id: 'support', ...textCall() }).generate({ prompt }),
  'AI SDK, registered': (client) => {
    register(client)
    return ai.generateText(textCall())
  },
  'AI SDK, registered, read later': (client) => {
    register(client)
    return readLater(ai.streamText(textCall()))
  },
  'AI SDK, telemetry': (client) =>
    ai.generateText({ ...textCall(), telemetry: trulayerTelemetry({ client }) }),
  'AI SDK, telemetry, read later': (client) =>
    readLater(ai.streamText({ ...textCall(), telemetry: trulayerTelemetry({ client }) })),
  'AI SDK, middleware': (client) => ai.generateText({ model: wrapped(client), prompt }),
  'AI SDK, middleware, read later': (client) =>
    readLater(ai.streamText({ model: wrapped(client), prompt })),
  'LangChain, a model': (client) => langchainModel().invoke(prompt, handled(client)),
  'LangChain, an agent': (client) => langchainAgent().invoke(question, handled(client)),
  'LangChain, an agent, read later': async (client) => {
    const stream = await langchainAgent().stream(question, handled(client))
    return () => readAll(stream)
  },
  'LangChain, instrumented': (client) => {
    onTestFinished(instrumentLangChain(callbacks, { client }))
    return langchainAgent().invoke(question)
  },
  LangGraph: (client) => graph().invoke(question, handled(client)),
  'LangGraph, read later': async (client) => {
    const stream = await graph().stream(question, handled(client))
    return () => readAll(stream)
  },
}

test.each(Object.entries(turns))('%s is in the session that it starts in', async (_, turn) => {
  expect(await tracesInSession(turn)).toMatchObject([OF_SESSION])
})

const ownCalls: Readonly<Record<string, SessionTurn>> = {
  'trace()': (client) => client.trace('answer', () => 'x', OWN_CALL),
  'AI SDK, instrumented': (client) =>
    sdkOf(client).generateText({ ...textCall(), telemetry: trulayerTelemetry(OWN_CALL) }),
  'AI SDK, telemetry': (client) =>
    ai.generateText({ ...textCall(), telemetry: trulayerTelemetry({ client, ...OWN_CALL }) }),
}

test.each(Object.entries(ownCalls))('%s: what the call says itself wins', async (_, turn) => {
  expect(await tracesInSession(turn)).toMatchObject([OF_CALL])
})

function textCall() {
  return { model: canonicalModel(), tools, prompt, stopWhen }
}

function sdkOf(client: TruLayer) {
  return instrumentAISDK(ai, { client })
}

function register(client: TruLayer): void {
  onTestFinished(registerTruLayer(ai, { client }))
}

function wrapped(client: TruLayer) {
  return ai.wrapLanguageModel({
    model: canonicalModel(),
    middleware: trulayerMiddleware({ client }),
  })
}

function handled(client: TruLayer) {
  return { callbacks: [new TruLayerCallbackHandler({ client })] }
}

function langchainAgent() {
  return createAgent({ name: 'support', model: langchainModel(), tools: [weather, calculator] })
}

function graph() {
  return new StateGraph(MessagesAnnotation)
    .addNode('answer', async ({ messages }) => ({
      messages: [await langchainModel().invoke(messages)],
    }))
    .addEdge('__start__', 'answer')
    .compile()
}

function readLater(result: { readonly textStream: AsyncIterable<string> }): () => Promise<void> {
  return () => readAll(result.textStream)
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) {
    // Read to the end, as a route does.
  }
}
