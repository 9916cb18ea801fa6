/* A loop of two steps with three tools, and a stream of 500 parts, with one way of recording them. */
import { setTimeout as sleep } from 'node:timers/promises'

import * as ai from 'ai'
import { z } from 'zod'

import { scriptedModel } from '../../support/ai-sdk-scripted-model.ts'
import { age } from './age.mjs'
import { serveRounds } from './serve-rounds.mjs'
import { countSpans } from './span-counter.mjs'

const QUESTION = 'What is the weather in Paris and Berlin, and what is 2 + 3?'
const CHUNKS = Array.from({ length: 500 }, (_, index) => `word ${index} `)
const BREAK_AFTER = 50

const [kind, name, url] = process.argv.slice(2)

/* At once, unlike those of test/support, for their pauses would hide what is measured. */
const tools = {
  weather: ai.tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => `sunny in ${city}`,
  }),
  calculator: ai.tool({
    description: 'The sum of two numbers',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => String(a + b),
  }),
}

const toolScript = [
  {
    toolCalls: [
      { id: 'call_1', name: 'weather', input: { city: 'Paris' } },
      { id: 'call_2', name: 'weather', input: { city: 'Berlin' } },
      { id: 'call_3', name: 'calculator', input: { a: 2, b: 3 } },
    ],
  },
  { text: ['Sunny in both', ', and 5.'] },
]

const turns = {
  // A new model each time: the mock keeps every call that it heard.
  tools: (sdk) =>
    sdk.generateText({
      model: scriptedModel(toolScript),
      tools,
      stopWhen: ai.stepCountIs(3),
      prompt: QUESTION,
    }),
  stream: async (sdk, until = Number.POSITIVE_INFINITY) => {
    const { textStream } = await sdk.streamText({
      model: scriptedModel([{ text: CHUNKS }]),
      prompt: QUESTION,
    })
    let read = 0
    for await (const _ of textStream) {
      read += 1
      if (read >= until) break
    }
  },
}

const HOOKS = [
  'onStart',
  'onStepStart',
  'onLanguageModelCallStart',
  'onLanguageModelCallEnd',
  'onToolExecutionStart',
  'onToolExecutionEnd',
  'onStepEnd',
  'onEnd',
  'onAbort',
  'onError',
]

const seenBySink = async () => (await (await fetch(`${url}/counts`)).json()).ended

async function trulayer(attach) {
  const { TruLayer } = await import('@trulayer/core')
  const adapter = await import('@trulayer/ai-sdk')
  const counts = { spans: 0 }
  const client = new TruLayer({
    exporters: [
      {
        export(traces) {
          for (const trace of traces) counts.spans += trace.spans.length + 1
        },
      },
    ],
    redact: false,
  })
  await age(client)
  return {
    sdk: attach(adapter, client),
    drain: () => client.flush(),
    ended: () => counts.spans,
  }
}

async function langsmith(attach) {
  const { Client } = await import('langsmith')
  const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
  const vercel = await import('langsmith/experimental/vercel')
  const client = new Client({ apiUrl: url, apiKey: 'ls', tracingMode: 'langsmith' })
  return {
    sdk: attach(vercel, client),
    drain: async () => {
      await awaitAllCallbacks()
      await client.flush()
      await client.awaitPendingTraceBatches()
    },
    ended: seenBySink,
  }
}

async function braintrust(attach) {
  const peer = await import('braintrust')
  const logger = peer.initLogger({
    projectName: 'bench',
    apiKey: 'bt',
    appUrl: url,
    orgName: 'org',
    asyncFlush: true,
  })
  return { sdk: attach(peer), drain: () => logger.flush(), ended: seenBySink }
}

const contenders = {
  none: () => ({ sdk: ai }),

  empty: () => {
    ai.registerTelemetry(Object.fromEntries(HOOKS.map((hook) => [hook, () => {}])))
    return { sdk: ai }
  },

  trulayer: () => trulayer((adapter, client) => adapter.instrumentAISDK(ai, { client })),

  '@ai-sdk/otel': async () => {
    const { OpenTelemetry } = await import('@ai-sdk/otel')
    const { counter, flush } = countSpans()
    ai.registerTelemetry(new OpenTelemetry())
    return { sdk: ai, drain: flush, ended: () => counter.spans }
  },

  'braintrust wrapAISDK': () => braintrust((peer) => peer.wrapAISDK(ai)),

  'braintrust telemetry': () =>
    braintrust((peer) => {
      ai.registerTelemetry(peer.braintrustAISDKTelemetry())
      return ai
    }),

  'langsmith wrapAISDK': () =>
    langsmith((peer, client) => peer.wrapAISDK(ai, { client, tracingEnabled: true })),

  'langsmith telemetry': () =>
    langsmith((peer, client) => {
      ai.registerTelemetry(peer.LangSmithTelemetry({ client, tracingEnabled: true }))
      return ai
    }),
}

const { sdk, drain, ended } = await contenders[name]()

serveRounds({
  async work(count) {
    for (let turn = 0; turn < count; turn += 1) {
      await turns[kind](sdk)
    }
  },
  drain,
  /* How many spans are over after a whole turn, and after one whose reader broke off. */
  async describe() {
    if (ended === undefined) return {}
    const after = async (turn) => {
      const before = await ended()
      await turn()
      await sleep(300)
      await drain()
      return (await ended()) - before
    }
    return {
      whole: await after(() => turns[kind](sdk)),
      broken: await after(() => turns.stream(sdk, BREAK_AFTER)),
    }
  },
})
