import type { FinishedTrace } from '@trulayer/core'
import { expect, test } from 'vitest'

import { type Context, loadSet, setName } from './frameworks.ts'
import { play, type Scenario, spanNamed, type Stage } from './play.ts'

const set = await loadSet(setName)
const rag = (await import(`./${setName}/rag.js`)) as RagModule

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const EMBEDDING = 'llm embeddings text-embedding-3-small · ok · 7 in'

/** `@mastra/rag`, as far as it is used. */
interface RagModule {
  readonly createVectorQueryTool: (options: object) => RagTool
  readonly createGraphRAGTool: (options: object) => RagTool
}

interface RagTool {
  execute(input: object, context: object): Promise<unknown>
}

/* A model of embeddings that is as slow as a text is long. */
function embedder(error?: Error) {
  return {
    specificationVersion: 'v2',
    provider: 'openai.embedding',
    modelId: 'text-embedding-3-small',
    maxEmbeddingsPerCall: 100,
    supportsParallelCalls: true,
    doEmbed: async ({ values }: { readonly values: readonly string[] }) => {
      if (error !== undefined) {
        throw error
      }
      await new Promise((resolve) => {
        setTimeout(resolve, values[0]?.length)
      })
      return {
        embeddings: values.map(({ length }) => [length, 1, 2]),
        usage: { tokens: 7 },
      }
    },
  }
}

const vectorStore = {
  id: 'store',
  query: () =>
    Promise.resolve([
      { id: 'a', score: 0.9, metadata: { text: 'Refunds take 5 days.' }, vector: [3, 1, 2] },
      { id: 'b', score: 0.8, metadata: { text: 'Cats are fine.' }, vector: [5, 1, 2] },
    ]),
}

function searchTool(options: object = {}): RagTool {
  const model = embedder()
  return rag.createVectorQueryTool({
    id: 'kb',
    vectorStore,
    vectorStoreName: 'store',
    indexName: 'handbook',
    model,
    ...options,
  })
}

async function ask(stage: Stage, kb: object, args: object): Promise<unknown> {
  const support = stage.agent(
    'support',
    [{ tools: [{ id: 'c1', name: 'kb', args }] }, { text: 'Five days.' }],
    { tools: { kb } },
  )
  return (await stage.mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
}

function genAI(trace: FinishedTrace, name: string) {
  const { metadata } = spanNamed(trace, name)
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith('gen_ai.')))
}

const scenarios: readonly Scenario[] = [
  {
    number: 7,
    title: 'a tool that searches by vector and brings what it found into a new order',
    turn: (stage) => {
      const model = stage.model([{ text: '0.8' }], 'judge')
      const kb = searchTool({ reranker: { model, options: { topK: 2 } } })
      return ask(stage, kb, { queryText: 'refunds?', topK: 3 })
    },
    trees: [
      `\
support · ok · 27 in, 10 out
├─ ${LLM}
├─ tool kb · ok
│  ├─ ${EMBEDDING}
│  ├─ retrieval handbook · ok
│  └─ other rag rerank · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const embedding = 'embeddings text-embedding-3-small'
      expect(spanNamed(trace, embedding)).toMatchObject({
        model: 'text-embedding-3-small',
        usage: { promptTokens: 7 },
        input: 'refunds?',
        output: { vectors: 1, dimensions: 3 },
      })
      expect(genAI(trace, embedding)).toEqual({
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'text-embedding-3-small',
      })
      expect(spanNamed(trace, 'handbook')).toMatchObject({
        input: 'refunds?',
        output: { returned: 2 },
      })
      expect(genAI(trace, 'handbook')).toEqual({
        'gen_ai.operation.name': 'retrieval',
        'gen_ai.request.top_k': 3,
      })
      expect(spanNamed(trace, 'rag rerank').input).toEqual({
        query: 'refunds?',
        candidateCount: 2,
      })
    },
  },
  {
    number: 7,
    title: 'a search with a filter',
    turn: (stage) =>
      ask(stage, searchTool({ enableFilter: true }), {
        queryText: 'refunds?',
        topK: 3,
        filter: '{"year":2026}',
      }),
    trees: [
      `\
support · ok · 27 in, 10 out
├─ ${LLM}
├─ tool kb · ok
│  ├─ ${EMBEDDING}
│  └─ retrieval handbook · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'handbook').input).toEqual({
        query: 'refunds?',
        filter: { year: 2026 },
      })
    },
  },
  {
    number: 7,
    title: 'two searches of one tool at once',
    turn: (stage) => {
      const inner = searchTool()
      const kb = stage.tool('kb', async (_, context: Context) => {
        await Promise.all(
          ['refunds in January?', 'cats?'].map((queryText) =>
            inner.execute({ queryText, topK: 3 }, context),
          ),
        )
        return 'found'
      })
      return ask(stage, kb, { city: 'Paris' })
    },
    trees: [
      `\
support · ok · 34 in, 10 out
├─ ${LLM}
├─ tool kb · ok
│  ├─ ${EMBEDDING}
│  ├─ ${EMBEDDING}
│  ├─ retrieval handbook · ok
│  └─ retrieval handbook · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const searches = trace.spans.filter(({ type }) => type === 'retrieval')
      expect(searches.map(({ input }) => input)).toEqual(['cats?', 'refunds in January?'])
    },
  },
  {
    number: 7,
    title: 'a search through a graph',
    turn: (stage) => {
      const kb = rag.createGraphRAGTool({
        id: 'kb',
        vectorStore,
        vectorStoreName: 'store',
        indexName: 'handbook',
        model: embedder(),
        graphOptions: { dimension: 3, threshold: 0.1 },
      })
      return ask(stage, kb, { queryText: 'refunds?', topK: 2 })
    },
    trees: [
      `\
support · ok · 27 in, 10 out
├─ ${LLM}
├─ tool kb · ok
│  ├─ ${EMBEDDING}
│  ├─ retrieval handbook · ok
│  ├─ other graph build · ok
│  └─ other graph traverse · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'handbook').input).toBe('refunds?')
    },
  },
  {
    number: 7,
    title: 'an embedding that fails',
    turn: (stage) =>
      ask(stage, searchTool({ model: embedder(new Error('no quota')) }), {
        queryText: 'refunds?',
        topK: 3,
      }),
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool kb · ok
│  └─ llm embeddings text-embedding-3-small · error (Error: no quota)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(genAI(trace, 'embeddings text-embedding-3-small')).toMatchObject({
        'gen_ai.request.model': 'text-embedding-3-small',
      })
    },
  },
]

test.each(scenarios)('$title', async (scenario) => {
  const played = await play(set, scenario)
  expect(played.trees).toEqual(scenario.trees)
  scenario.check?.(played)
})
