/*
 * Documents that are indexed and asked, by an engine, as a chat that streams, and by an agent that has the engine as a tool.
 * Model and embedding are scripted, so that it runs without a key; with TRULAYER_API_KEY the traces go to TruLayer.
 */
import { wrapLLMEvent } from '@llamaindex/core/decorator'
import { BaseEmbedding } from '@llamaindex/core/embeddings'
import { withEventCaller } from '@llamaindex/core/global'
import { ToolCallLLM } from '@llamaindex/core/llms'
import { agent } from '@llamaindex/workflow'
import { init } from '@trulayer/core'
import { clearTraces, spanTree } from '@trulayer/core/testing'
import { instrumentLlamaIndex, trulayerTraceId } from '@trulayer/llamaindex'
import {
  createScriptedEmbedding,
  createScriptedModel,
} from '@trulayer/test/support/llamaindex-scripted-model.ts'
import {
  ContextChatEngine,
  Document,
  QueryEngineTool,
  Settings,
  VectorStoreIndex,
} from 'llamaindex'

const trulayer = init({ mode: process.env.TRULAYER_API_KEY === undefined ? 'local' : 'live' })
clearTraces()
trulayer.onTrace((trace) => {
  console.log(
    `${spanTree(trace)}\n  ${JSON.stringify(trace.input)}\n  ${JSON.stringify(trace.output)}\n`,
  )
})

const tl = instrumentLlamaIndex(Settings)
const scripted = (script) =>
  tl.llm(createScriptedModel({ ToolCallLLM, withEventCaller, wrapLLMEvent }, { script }))

Settings.embedModel = tl.embedding(createScriptedEmbedding(BaseEmbedding))
Settings.llm = scripted([{ text: 'The Louvre, on the right bank of the Seine.' }])

const index = await tl.run({ name: 'index', input: 'the guide' }, () =>
  VectorStoreIndex.fromDocuments([
    new Document({ text: 'The Louvre stands on the right bank of the Seine in Paris.' }),
    new Document({ text: 'The Forum lies in the middle of Rome.' }),
  ]),
)
const queryEngine = index.asQueryEngine()

const answer = await tl.run({ name: 'guide', sessionId: 'visit-1', userId: 'user-1' }, () =>
  queryEngine.query({ query: 'What is there in Paris?' }),
)
await trulayer.submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })

const chat = tl.agent(new ContextChatEngine({ retriever: index.asRetriever() }))
for await (const part of await chat.chat({ message: 'And where in Paris?', stream: true })) {
  void part.delta
}

const metadata = { name: 'guide', description: 'Knows what is where' }
const planner = tl.agent(
  agent({
    name: 'planner',
    llm: scripted([
      { tools: [{ id: 'call-1', name: 'guide', args: { query: 'What is there in Paris?' } }] },
      { text: 'Start at the Louvre.' },
    ]),
    tools: [new QueryEngineTool({ queryEngine, metadata })],
  }),
)
await planner.run('Plan a day in Paris.')
await trulayer.flush()
