import { expect } from 'vitest'

import type { VersionSet } from '../frameworks.ts'
import { collect, inTurn, LLM, replying, type Scenario } from './scenario.ts'

/* A chain that keeps its conversation itself. */
function conversation(set: VersionSet) {
  const { runnables, prompts, messages, histories } = set
  const store = new Map<string, InstanceType<typeof histories.InMemoryChatMessageHistory>>()
  const historyOf = (id: string) => {
    const known = store.get(id) ?? new histories.InMemoryChatMessageHistory()
    store.set(id, known)
    return known
  }
  const prompt = prompts.ChatPromptTemplate.fromMessages([
    ['system', 'Be brief.'],
    new prompts.MessagesPlaceholder('history'),
    ['human', '{question}'],
  ])
  const trimmer = messages.trimMessages({ maxTokens: 10, tokenCounter: (list) => list.length })
  return new runnables.RunnableWithMessageHistory({
    runnable: prompt
      .pipe((value) => value.toChatMessages())
      .pipe(trimmer)
      .pipe(inTurn(set, { text: 'One.' }, { text: 'Two.' })),
    getMessageHistory: historyOf,
    inputMessagesKey: 'question',
    historyMessagesKey: 'history',
  })
}

const call = {
  configurable: { sessionId: 'conv-9' },
  metadata: { sessionId: 'conv-9', userId: 'u-1' },
}

const ANSWERED = `chain · ok · 20 in, 5 out\n└─ ${LLM}`

const expectUser: Scenario['check'] = ({ traces }) => {
  expect(new Set(traces.map(({ userId }) => userId))).toEqual(new Set(['u-1']))
}

function tool({ runnables, z }: VersionSet) {
  return runnables.RunnableLambda.from(({ city }: { city: string }) => `sunny in ${city}`).asTool({
    name: 'weather',
    description: 'The weather of a city',
    schema: z.object({ city: z.string() }),
  })
}

function retriever({ retrievers, documents }: VersionSet) {
  class Handbook extends retrievers.BaseRetriever {
    override readonly lc_namespace = ['test']
    override _getRelevantDocuments(query: string) {
      return Promise.resolve(
        [1, 2].map((page) => new documents.Document({ pageContent: `${page} on ${query}` })),
      )
    }
  }
  return new Handbook({ tags: ['handbook'] })
}

async function retrievalChain(set: VersionSet, isBound: boolean) {
  const { ChatPromptTemplate, MessagesPlaceholder } = set.prompts
  const handbook = isBound ? retriever(set).withConfig({}) : retriever(set)
  const rephrasePrompt = ChatPromptTemplate.fromMessages([
    new MessagesPlaceholder('chat_history'),
    ['human', '{input}'],
  ])
  const prompt = ChatPromptTemplate.fromMessages([
    ['system', '{context}'],
    ['human', '{input}'],
  ])
  const { createHistoryAwareRetriever, createRetrievalChain, createStuffDocumentsChain } =
    set.chains
  const llm = replying(set, { text: 'Warm.' })
  return await createRetrievalChain({
    retriever: isBound
      ? handbook
      : await createHistoryAwareRetriever({ llm, retriever: handbook, rephrasePrompt }),
    combineDocsChain: await createStuffDocumentsChain({ llm, prompt }),
  })
}

/** Chains that LangChain builds, whose parts have names that no user gave. */
export const histories: readonly Scenario[] = [
  {
    number: 4,
    title: 'a chain with a history of its own, two turns',
    turn: async ({ set, callbacks }) => {
      const chain = conversation(set)
      await chain.invoke({ question: 'first?' }, { callbacks, ...call })
      return await chain.invoke({ question: 'second?' }, { callbacks, ...call })
    },
    trees: [ANSWERED, ANSWERED],
    sessions: ['conv-9', 'conv-9'],
    check: expectUser,
  },
  {
    number: 4,
    title: 'a chain with a history of its own, streamed',
    turn: async ({ set, callbacks }) =>
      collect(await conversation(set).stream({ question: 'first?' }, { callbacks, ...call })),
    trees: [ANSWERED],
    sessions: ['conv-9'],
    check: expectUser,
  },
  {
    number: 4,
    title: 'a runnable that is a tool',
    turn: ({ set, callbacks }) => tool(set).invoke({ city: 'Paris' }, { callbacks }),
    trees: ['weather · ok'],
  },
  {
    number: 4,
    title: 'a retrieval chain that rephrases the question',
    turn: async ({ set, callbacks }) => {
      const chain = await retrievalChain(set, false)
      return await chain.invoke({ input: 'warm?', chat_history: ['Hi.'] }, { callbacks })
    },
    trees: [
      `\
retrieval_chain · ok · 40 in, 10 out
├─ ${LLM}
├─ retrieval handbook · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 4,
    title: 'a retrieval chain with a bound retriever',
    turn: async ({ set, callbacks }) => {
      const chain = await retrievalChain(set, true)
      return await chain.invoke({ input: 'warm?' }, { callbacks })
    },
    trees: [
      `\
retrieval_chain · ok · 20 in, 5 out
├─ retrieval handbook · ok
└─ ${LLM}`,
    ],
  },
]
