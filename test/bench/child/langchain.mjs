/* The canonical turn of test/support, with one handler. */
import { HumanMessage } from '@langchain/core/messages'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { createAgent } from 'langchain'

import { calculator, canonicalModel, weather } from '../../support/langchain-agents.ts'
import { serveRounds } from './serve-rounds.mjs'
import { countSpans } from './span-counter.mjs'

const QUESTION = 'What is the weather in Paris and Berlin, and what is 2 + 3?'
const [kind, name, url] = process.argv.slice(2)

const agents = {
  createAgent: () =>
    createAgent({ name: 'support', model: canonicalModel(), tools: [weather, calculator] }),
  createReactAgent: () =>
    createReactAgent({ name: 'support', llm: canonicalModel(), tools: [weather, calculator] }),
}

/* What each contender adds to a call, what goes on behind it, and what it has seen. */
const contenders = {
  none: () => ({ callbacks: () => undefined, seen: () => 0 }),

  empty: () => {
    const counts = { calls: 0 }
    const hooks = [
      ...['Start', 'End', 'Error'].flatMap((end) =>
        ['Chain', 'LLM', 'Tool', 'Retriever'].map((run) => `handle${run}${end}`),
      ),
      'handleChatModelStart',
      'handleLLMNewToken',
      'handleAgentAction',
      'handleAgentEnd',
      'handleText',
      'handleCustomEvent',
    ]
    const handler = {
      name: 'empty',
      awaitHandlers: true,
      raiseError: false,
      ignoreLLM: false,
      ignoreChain: false,
      ignoreAgent: false,
      ignoreRetriever: false,
      ignoreCustomEvent: false,
      lc_serializable: false,
      copy() {
        return this
      },
      toJSON: () => ({ lc: 1, type: 'not_implemented', id: ['empty'] }),
      ...Object.fromEntries(hooks.map((hook) => [hook, () => void (counts.calls += 1)])),
    }
    return { callbacks: () => [handler], seen: () => counts.calls }
  },

  trulayer: async () => {
    const { countingClient } = await import('./counting-client.mjs')
    const { TruLayerCallbackHandler } = await import('@trulayer/langchain')
    const { client, counts } = await countingClient()
    const handler = new TruLayerCallbackHandler({ client })
    return {
      callbacks: () => [handler],
      drain: () => client.flush(),
      seen: () => counts.spans,
    }
  },

  langsmith: async () => {
    const { Client } = await import('langsmith')
    const { LangChainTracer } = await import('@langchain/core/tracers/tracer_langchain')
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
    const client = new Client({ apiUrl: url, apiKey: 'ls', tracingMode: 'langsmith' })
    // One for each turn, as the framework itself makes them: a tracer keeps the runs of its turn.
    return {
      callbacks: () => [new LangChainTracer({ client, projectName: 'bench' })],
      drain: async () => {
        await awaitAllCallbacks()
        await client.flush()
        await client.awaitPendingTraceBatches()
      },
      seen: () => -1,
    }
  },

  langfuse: async () => {
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
    const { LangfuseSpanProcessor } = await import('@langfuse/otel')
    const { CallbackHandler } = await import('@langfuse/langchain')
    const { counter, flush } = countSpans(
      (exporter) =>
        new LangfuseSpanProcessor({ exporter, publicKey: 'pk', secretKey: 'sk', baseUrl: url }),
    )
    return {
      // One for each turn, as its documentation shows.
      callbacks: () => [new CallbackHandler()],
      drain: async () => {
        await awaitAllCallbacks()
        await flush()
      },
      seen: () => counter.spans,
    }
  },

  openinference: async () => {
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
    const manager = await import('@langchain/core/callbacks/manager')
    const { LangChainInstrumentation } =
      await import('@arizeai/openinference-instrumentation-langchain')
    const { provider, counter, flush } = countSpans()
    new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(manager)
    return {
      callbacks: () => undefined,
      drain: async () => {
        await awaitAllCallbacks()
        await flush()
      },
      seen: () => counter.spans,
    }
  },
}

const agent = agents[kind]()
const { callbacks, drain, seen } = await contenders[name]()

serveRounds({
  async work(count) {
    for (let turn = 0; turn < count; turn += 1) {
      const handlers = callbacks()
      await agent.invoke(
        { messages: [new HumanMessage(QUESTION)] },
        handlers === undefined ? {} : { callbacks: handlers },
      )
    }
  },
  drain,
  describe: seen,
})
