import { expect } from 'vitest'

import type { Played } from '../../../packages/langchain/test/play.ts'
import type { Invocable, VersionSet } from '../frameworks.ts'
import { collect, LLM, question, replying, type Scenario, toolsOf } from './scenario.ts'

function retrieverOf({ retrievers, documents }: VersionSet) {
  class Handbook extends retrievers.BaseRetriever {
    override readonly lc_namespace = ['test']
    override _getRelevantDocuments(query: string) {
      const page = new documents.Document({ pageContent: `On ${query}`, metadata: { page: 1 } })
      return Promise.resolve([page])
    }
  }
  return new Handbook().withConfig({ runName: 'handbook' })
}

function rag(set: VersionSet) {
  const { runnables, prompts, parsers } = set
  return runnables.RunnableSequence.from([
    {
      context: retrieverOf(set).pipe((pages) => pages.map((page) => page.pageContent).join('\n')),
      question: new runnables.RunnablePassthrough(),
    },
    prompts.ChatPromptTemplate.fromMessages([
      ['system', 'About {context}'],
      ['human', '{question}'],
    ]),
    replying(set, { text: 'Thirty days.' }),
    new parsers.StringOutputParser(),
  ])
}

const RAG = `\
chain · ok · 20 in, 5 out
├─ retrieval handbook · ok
└─ ${LLM}`

const returns = { input: 'returns?', output: 'Thirty days.' }

function expectTrace(expected: { readonly input: unknown; readonly output: unknown }) {
  return ({ trace }: Played<unknown>): void => {
    expect(trace).toMatchObject(expected)
  }
}

function pick({ runnables }: VersionSet) {
  return runnables.RunnableLambda.from((text: string) => {
    if (text === 'b') {
      throw new TypeError('no b')
    }
    return text
  }).pipe(new runnables.RunnablePassthrough())
}

/** Chains of runnables, and models by themselves. */
export const chains: readonly Scenario[] = [
  {
    number: 4,
    title: 'a chain with a retriever',
    turn: ({ set, callbacks }) => rag(set).invoke('returns?', { callbacks, runName: 'desk' }),
    trees: [RAG.replace('chain', 'desk')],
    check: expectTrace(returns),
  },
  {
    number: 4,
    title: 'a chain with a retriever, streamed',
    turn: async ({ set, callbacks }) => collect(await rag(set).stream('returns?', { callbacks })),
    trees: [RAG],
    check: expectTrace(returns),
  },
  {
    number: 5,
    title: 'a batch',
    turn: ({ set, callbacks }) => rag(set).batch(['a', 'b', 'c', 'd', 'e'], { callbacks }),
    trees: [RAG, RAG, RAG, RAG, RAG],
    check: ({ traces }) => {
      expect(traces.map(({ output }) => output)).toEqual(Array(5).fill('Thirty days.'))
    },
  },
  {
    number: 5,
    title: 'a batch that returns an error',
    turn: ({ set, callbacks }) =>
      pick(set).batch(['a', 'b', 'c'], { callbacks }, { returnExceptions: true }),
    trees: [
      'chain · ok',
      'chain · error (TypeError: no b)\n└─ other chain · error (TypeError: no b)',
      'chain · ok',
    ],
  },
  {
    number: 5,
    title: 'a batch that fails',
    turn: ({ set, callbacks }) => pick(set).batch(['a', 'b', 'c'], { callbacks }),
    // LangChain tells the failure of one to all of them.
    trees: [
      'chain · error (TypeError: no b)',
      'chain · error (TypeError: no b)\n└─ other chain · error (TypeError: no b)',
      'chain · error (TypeError: no b)',
    ],
  },
  {
    number: 19,
    title: 'a fallback',
    turn: ({ set, callbacks }) => {
      const down = new set.Model({ model: 'primary', script: [{ error: new Error('down') }] })
      const backup = new set.Model({ model: 'backup', script: [{ text: 'Hi.' }] })
      return down
        .withRetry({ stopAfterAttempt: 1 })
        .withFallbacks([backup.withRetry()])
        .invoke('hello', { callbacks })
    },
    trees: [
      `\
chain · ok · 20 in, 5 out
├─ llm chat primary · error (Error: down)
└─ llm chat backup · ok · 20 in, 5 out`,
    ],
  },
  {
    number: 19,
    title: 'a model in whose place middleware asks another',
    turn: ({ set, callbacks }) => {
      const down = new set.Model({ model: 'primary', script: [{ error: new Error('down') }] })
      const backup = new set.Model({ model: 'backup', script: [{ text: 'Hi.' }] })
      const agent: Invocable = set.langchain.createAgent({
        name: 'support',
        model: down,
        tools: [],
        middleware: [set.langchain.modelFallbackMiddleware(backup as never)] as never,
      })
      return agent.invoke(question, { callbacks })
    },
    trees: [
      `\
support · ok · 20 in, 5 out
├─ llm chat primary · error (Error: down)
└─ llm chat backup · ok · 20 in, 5 out`,
    ],
  },
  {
    number: 20,
    title: 'a retry',
    turn: ({ set, callbacks }) => {
      let attempts = 0
      const shaky = new set.Model({
        script: () => ((attempts += 1) === 1 ? { error: new Error('shaky') } : { text: 'Hi.' }),
      })
      return shaky
        .withRetry({ stopAfterAttempt: 3 })
        .withConfig({ runName: 'try' })
        .invoke('hello', { callbacks })
    },
    trees: [
      `\
chain · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · error (Error: shaky)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([
        undefined,
        2,
      ])
    },
  },
  {
    number: 21,
    title: 'a parser that fails',
    turn: ({ set, callbacks }) =>
      replying(set, { text: 'no json' })
        .pipe(set.runnables.RunnableLambda.from((message) => JSON.parse(message.text)))
        .invoke('hello', { callbacks, runName: 'Extract' }),
    trees: [
      `\
Extract · error (SyntaxError: Unexpected token 'o', "no json" is not valid JSON) · 20 in, 5 out
├─ ${LLM}
└─ other chain · error (SyntaxError: Unexpected token 'o', "no json" is not valid JSON)`,
    ],
    check: ({ trace }) => {
      // Plumbing that is shown for its error has nothing to add to the payloads of its neighbours.
      expect(trace.spans[1]).toMatchObject({ input: undefined, output: undefined })
    },
  },
  {
    number: 21,
    title: 'a prompt that lacks a value',
    turn: ({ set, callbacks }) =>
      set.prompts.ChatPromptTemplate.fromMessages([['human', '{question} in {language}']])
        .pipe(replying(set, { text: 'Never asked.' }))
        .invoke({ question: 'returns?' }, { callbacks, runName: 'Ask' }),
    trees: [
      `\
Ask · error (Error: Missing value for input variable \`language\`)
└─ other prompt · error (Error: Missing value for input variable \`language\`)`,
    ],
  },
  {
    number: 27,
    title: 'a handler on the model alone',
    turn: ({ set, callbacks }) =>
      new set.Model({ script: [{ text: 'Hi.' }], callbacks })
        .pipe(new set.parsers.StringOutputParser())
        .invoke('hello', { metadata: { session_id: 'S' } }),
    trees: [`chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`],
    sessions: ['S'],
  },
  {
    number: 29,
    title: 'a run id that is used again',
    turn: async ({ set, callbacks }) => {
      const runId = crypto.randomUUID()
      const model = replying(set, { text: 'Hi.' })
      await model.invoke('hello', { callbacks, runId })
      return await model.invoke('hello', { callbacks, runId })
    },
    trees: Array(2).fill(`chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`),
    check: ({ traces }) => {
      expect(traces[1]?.id).not.toBe(traces[0]?.id)
    },
  },
  {
    number: 33,
    title: 'an answer from the cache',
    turn: async ({ set, callbacks }) => {
      const cache = new set.caches.InMemoryCache(new Map())
      const model = new set.Model({ script: [{ text: 'Hi.' }], cache })
      await model.invoke('hello', { callbacks })
      return await model.invoke('hello', { callbacks })
    },
    trees: [
      `chat gpt-4o-mini · ok · 20 in, 5 out\n└─ ${LLM}`,
      'chat gpt-4o-mini · ok · 0 in, 0 out\n└─ llm chat gpt-4o-mini · ok · 0 in, 0 out',
    ],
    check: ({ traces }) => {
      expect(traces.map(({ spans }) => spans[0]?.metadata['trulayer.cached'])).toEqual([
        undefined,
        true,
      ])
    },
  },
  {
    number: 34,
    title: 'a completion model',
    turn: ({ set, callbacks }) =>
      new set.testing.FakeLLM({ response: 'Hi.' }).invoke('hello', { callbacks }),
    trees: ['text_completion · ok\n└─ llm text_completion · ok'],
    check: expectTrace({ input: 'hello', output: 'Hi.' }),
  },
  {
    number: 40,
    title: 'secrets in configurable',
    turn: ({ set, callbacks }) =>
      set.prebuilt
        .createReactAgent({
          name: 'support',
          llm: replying(set, { text: 'Hi.' }),
          tools: Object.values(toolsOf(set)),
        })
        .invoke(question, {
          callbacks,
          configurable: { thread_id: 'T', api_key: 'sk-secret', token: 'sk-secret' },
        }),
    trees: [`support · ok · 20 in, 5 out\n└─ ${LLM}`],
    sessions: ['T'],
    check: ({ traces }) => {
      expect(JSON.stringify(traces)).not.toContain('sk-secret')
    },
  },
]
