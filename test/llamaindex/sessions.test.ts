import type { TruLayer } from '@trulayer/core'
import { instrumentLlamaIndex, type LlamaIndexInstrumentation } from '@trulayer/llamaindex'
import { describe, expect, onTestFinished, test } from 'vitest'

import {
  OF_CALL,
  OF_SESSION,
  OWN_CALL,
  type SessionTurn,
  tracesInSession,
} from '../conformance/session.ts'
import {
  createScriptedEmbedding,
  createScriptedModel,
} from '../support/llamaindex-scripted-model.ts'
import { type Agent, loadSet, type Model, type QueryEngine, setName } from './frameworks.ts'
import { drain } from './play.ts'

const set = await loadSet(setName)
const query = 'What is in Paris?'

const turns: Readonly<Record<string, SessionTurn>> = {
  'an agent': (client) => agentOf(instrument(client)).run(query),
  'a query': async (client) => {
    // After the index was embedded, which is no part of the query.
    const engine = await engineOf()
    instrument(client)
    return (await engine.query({ query })).message
  },
  'a query, streamed': async (client) => {
    const engine = await engineOf()
    instrument(client)
    const stream = await engine.query({ query, stream: true })
    return () => drain(stream)
  },
  'a model': (client) => modelOf(instrument(client)).chat({ messages: MESSAGES }),
  'run()': (client) => instrument(client).run({}, () => 'x'),
}

const MESSAGES = [{ role: 'user', content: query }]

const ownCalls: Readonly<Record<string, SessionTurn>> = {
  'run()': (client) => {
    const { run } = instrument(client)
    return run(OWN_CALL, () => modelOf({ llm: (model) => model }).chat({ messages: MESSAGES }))
  },
}

describe(`inside withSession() on ${setName}`, () => {
  test.each(Object.entries(turns))('%s is in the session', async (_, turn) => {
    expect(await tracesInSession(turn)).toMatchObject([OF_SESSION])
  })

  test.each(Object.entries(ownCalls))('%s: what the call says itself wins', async (_, turn) => {
    expect(await tracesInSession(turn)).toMatchObject([OF_CALL])
  })
})

type Wrapping = Pick<LlamaIndexInstrumentation, 'llm'>

function instrument(client: TruLayer): LlamaIndexInstrumentation {
  const tl = instrumentLlamaIndex(set.Settings, { client })
  onTestFinished(() => tl.off())
  return tl
}

function modelOf({ llm }: Wrapping): Model {
  // A model of the set, whose foundation it is made of.
  return llm(createScriptedModel(set, { script: [{ text: 'It is Paris' }] }) as Model)
}

function agentOf(tl: LlamaIndexInstrumentation): Agent {
  const { agent, tool, z } = set
  const parameters = z.object({ city: z.string() })
  // Before workflow 1.1 an agent needs a tool.
  const tools = [
    tool({ name: 'weather', description: 'weather', parameters, execute: () => 'sunny' }),
  ]
  return tl.agent(agent({ name: 'support', description: 'support', llm: modelOf(tl), tools }))
}

async function engineOf(): Promise<QueryEngine> {
  const { BaseEmbedding, Document, Settings, VectorStoreIndex } = set
  Settings.embedModel = createScriptedEmbedding(BaseEmbedding)
  Settings.llm = modelOf({ llm: (model) => model })
  const index = await VectorStoreIndex.fromDocuments([
    new Document({ text: 'Paris is the capital.', id_: 'paris' }),
  ])
  return index.asQueryEngine()
}
