import { attributes } from '@trulayer/core/internal'
import { expect } from 'vitest'

import { drain, type Scenario, spanNamed, type Stage } from '../play.ts'

export const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'

const QUERY = `\
query · ok · 10 in, 5 out
├─ retrieval retrieve · ok
└─ ${LLM}`

const LEFT = `\
query · cancelled
├─ retrieval retrieve · ok
└─ llm chat gpt-4o-mini · cancelled`

const query = 'What is the capital? Paris?'
const PARIS = [{ text: 'It is Paris' }]
/* As Ollama's: no event tells of them. */
const COMPLETING = { hasCompletions: true }

async function engineOf({ set, index }: Stage, llm: object) {
  set.Settings.llm = llm
  return (await index()).asQueryEngine()
}

/** Queries of an engine. */
export const queries: readonly Scenario[] = [
  {
    number: 1,
    title: 'a query, by events alone',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.model(PARIS))
      return (await engine.query({ query })).message
    },
    trees: [QUERY],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: query, output: 'It is Paris', model: 'gpt-4o-mini' })
      const [retrieval, model] = trace.spans
      expect(retrieval).toMatchObject({
        input: query,
        output: [
          { id: expect.any(String), content: 'Paris is the capital.', metadata: { page: 1 } },
          { id: expect.any(String), content: 'Rome is old.', metadata: {} },
        ],
        metadata: { [attributes.requestTopK]: 2 },
      })
      const found = retrieval?.output as { readonly score: number }[] | undefined
      expect(found?.[0]?.score).toBeGreaterThan(found?.[1]?.score ?? 1)
      expect(model).toMatchObject({
        input: [
          {
            role: 'user',
            parts: [{ type: 'text', content: expect.stringContaining('Paris is the capital.') }],
          },
        ],
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'It is Paris' }] }],
        usage: { promptTokens: 10, completionTokens: 5 },
        metadata: {
          [attributes.operationName]: 'chat',
          [attributes.requestTemperature]: 0.1,
          [attributes.requestTopP]: 1,
          [attributes.requestMaxTokens]: 256,
          [attributes.responseModel]: 'gpt-4o-mini-2026',
          [attributes.responseId]: 'response-1',
          [attributes.responseFinishReasons]: ['stop'],
        },
      })
      expect(trace.metadata[attributes.framework]).toBe('llamaindex')
    },
  },
  {
    number: 1,
    title: 'a query with everything wrapped',
    turn: async (stage) => {
      const { set, tl, llm } = stage
      const bare = set.Settings.embedModel
      set.Settings.embedModel = tl.embedding(bare)
      const engine = await tl.run({ name: 'index' }, () => engineOf(stage, llm(PARIS)))
      return (await engine.query({ query })).message
    },
    trees: [
      'index · ok\n└─ llm embeddings text-embedding-3-small · ok',
      `\
query · ok · 10 in, 5 out
├─ retrieval retrieve · ok
│  └─ llm embeddings text-embedding-3-small · ok
└─ ${LLM}`,
    ],
    check: ({ traces: [indexed, queried] }) => {
      expect(indexed?.spans[0]).toMatchObject({
        input: expect.arrayContaining([expect.stringContaining('Rome is old.')]),
        output: { vectors: 2, dimensions: 3 },
      })
      expect(queried?.spans[1]).toMatchObject({
        input: [query],
        output: { vectors: 1, dimensions: 3 },
        model: 'text-embedding-3-small',
        metadata: {
          'gen_ai.operation.name': 'embeddings',
          'gen_ai.request.model': 'text-embedding-3-small',
        },
      })
    },
  },
  {
    number: 2,
    title: 'a streamed query, by events alone',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.model(PARIS))
      return drain(await engine.query({ query, stream: true }))
    },
    trees: [QUERY],
    check: ({ trace }) => {
      expect(trace.output).toBe('It is Paris')
      const model = spanNamed(trace, 'chat gpt-4o-mini')
      expect(model.metadata[attributes.timeToFirstToken]).toEqual(expect.any(Number))
      expect(trace.endedAt).toBeGreaterThanOrEqual(model.endedAt)
    },
  },
  {
    number: 2,
    title: 'a streamed query of a wrapped model',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.llm(PARIS))
      return drain(await engine.query({ query, stream: true }))
    },
    trees: [QUERY],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'chat gpt-4o-mini').output).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: 'It is Paris' }] },
      ])
    },
  },
  ...([false, true] as const).map((stream): Scenario => ({
    number: 13,
    title: `a ${stream ? 'streamed ' : ''}query of a wrapped model whose completions are no chats`,
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.llm(PARIS, COMPLETING))
      return stream
        ? drain(await engine.query({ query, stream }))
        : (await engine.query({ query })).message
    },
    trees: [QUERY.replace('llm chat', 'llm text_completion')],
    check: ({ trace }) => {
      expect(trace.output).toBe('It is Paris')
      expect(spanNamed(trace, 'text_completion gpt-4o-mini')).toMatchObject({
        input: [
          {
            role: 'user',
            parts: [{ type: 'text', content: expect.stringContaining('Paris is the capital.') }],
          },
        ],
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'It is Paris' }] }],
        metadata: {
          [attributes.operationName]: 'text_completion',
          [attributes.responseModel]: 'gpt-4o-mini-2026',
        },
      })
    },
  })),
  {
    number: 13,
    title: 'a query of a wrapped model whose completions are no chats, and fail',
    turn: async (stage) => {
      const failing = [{ error: new Error('the model is not loaded') }]
      const engine = await engineOf(stage, stage.llm(failing, COMPLETING))
      return engine.query({ query })
    },
    trees: [
      `\
query · error (Error: the model is not loaded)
├─ retrieval retrieve · ok
└─ llm text_completion gpt-4o-mini · error (Error: the model is not loaded)`,
    ],
    isBilled: false,
  },
  {
    number: 13,
    title: 'a completion of a wrapped model that makes a chat of it',
    turn: async ({ llm }) => (await llm(PARIS).complete({ prompt: 'Paris?' })).text,
    trees: [`chat gpt-4o-mini · ok · 10 in, 5 out\n└─ ${LLM}`],
  },
  ...(['model', 'llm'] as const).map((kind): Scenario => ({
    number: 3,
    title: `a streamed query that its reader leaves, of a ${kind === 'llm' ? 'wrapped model' : 'model as it is'}`,
    turn: async (stage) => {
      const engine = await engineOf(stage, stage[kind](PARIS))
      return drain(await engine.query({ query, stream: true }), 2)
    },
    trees: [LEFT],
    isBilled: false,
    check: ({ trace }) => {
      expect(trace.output).toBe('It is ')
      expect(spanNamed(trace, 'chat gpt-4o-mini')).toMatchObject({
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'It is ' }] }],
        metadata: { [attributes.reason]: 'reader left' },
      })
    },
  })),
  {
    number: 3,
    title: 'a streamed query that nobody reads',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.llm(PARIS))
      await engine.query({ query, stream: true })
    },
    trees: ['query · incomplete\n├─ retrieval retrieve · ok\n└─ llm chat gpt-4o-mini · incomplete'],
    isLeftOpen: true,
    isBilled: false,
  },
  {
    number: 4,
    title: 'a wrapped model that throws',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.llm([{ error: new TypeError('401') }]))
      return engine.query({ query })
    },
    trees: [
      `\
query · error (TypeError: 401)
├─ retrieval retrieve · ok
└─ llm chat gpt-4o-mini · error (TypeError: 401)`,
    ],
  },
  {
    number: 4,
    title: 'a model that throws in a turn, by events alone',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.model([{ error: new TypeError('401') }]))
      return stage.tl.run({ name: 'turn' }, () => engine.query({ query }))
    },
    trees: [
      `\
turn · error (TypeError: 401)
├─ retrieval retrieve · ok
└─ llm chat gpt-4o-mini · error (TypeError: 401)`,
    ],
  },
  {
    number: 4,
    title: 'a model that throws, of which only events tell',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.model([{ error: new TypeError('401') }]))
      return engine.query({ query })
    },
    trees: ['query · incomplete\n├─ retrieval retrieve · ok\n└─ llm chat gpt-4o-mini · incomplete'],
    isLeftOpen: true,
  },
  ...(['model', 'llm'] as const).map((kind): Scenario => ({
    number: 4,
    title: `a stream that breaks, of a ${kind === 'llm' ? 'wrapped model' : 'model as it is'}`,
    turn: async (stage) => {
      const script = [{ text: 'It is', errorInStream: new TypeError('cut') }]
      const engine = await engineOf(stage, stage[kind](script))
      return drain(await engine.query({ query, stream: true }))
    },
    trees: [
      `\
query · error (TypeError: cut)
├─ retrieval retrieve · ok
└─ llm chat gpt-4o-mini · error (TypeError: cut)`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'chat gpt-4o-mini').output).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: 'It is' }] },
      ])
    },
  })),
  {
    number: 4,
    title: 'an embedding that throws',
    turn: async (stage) => {
      const { set, tl } = stage
      const engine = await engineOf(stage, stage.llm(PARIS))
      const { embedModel } = set.Settings
      tl.embedding(embedModel)
      Object.assign(embedModel, {
        getQueryEmbedding: () => Promise.reject(new RangeError('too long')),
      })
      return engine.query({ query })
    },
    trees: ['query · incomplete\n└─ retrieval retrieve · incomplete'],
    isLeftOpen: true,
  },
  {
    number: 5,
    title: 'two queries at once',
    turn: async (stage) => {
      const engine = await engineOf(
        stage,
        stage.llm((prompt) => ({ text: prompt.includes('first') ? 'one' : 'two' })),
      )
      const answers = await Promise.all(
        ['first', 'second'].map((asked) => engine.query({ query: asked })),
      )
      return answers.map(({ message }) => message)
    },
    trees: [QUERY, QUERY],
    check: ({ traces }) => {
      expect(traces.map(({ input, output }) => [input, output])).toEqual([
        ['first', 'one'],
        ['second', 'two'],
      ])
    },
  },
  {
    number: 5,
    title: 'two queries at once in one turn',
    turn: async (stage) => {
      const engine = await engineOf(stage, stage.model(PARIS))
      return stage.tl.run({ name: 'both', sessionId: 'S', userId: 'U' }, async () => {
        await Promise.all(['first', 'second'].map((asked) => engine.query({ query: asked })))
        return 'done'
      })
    },
    trees: [
      `\
both · ok · 20 in, 10 out
├─ retrieval retrieve · ok
├─ retrieval retrieve · ok
├─ ${LLM}
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ sessionId: 'S', userId: 'U', output: 'done', input: 'first' })
    },
  },
  {
    number: 11,
    title: 'an engine that asks several questions of its own',
    turn: async (stage) => {
      const questions = ['Paris?', 'Rome?'].map((subQuestion) => ({ subQuestion, toolName: 'kb' }))
      const llm = stage.llm((prompt) =>
        prompt.includes('subQuestion')
          ? { text: `\`\`\`json\n${JSON.stringify(questions)}\n\`\`\`` }
          : { text: 'an answer' },
      )
      const { LLMQuestionGenerator, QueryEngineTool, SubQuestionQueryEngine } = stage.set
      const queryEngine = await engineOf(stage, llm)
      const kb = new QueryEngineTool({ queryEngine, metadata: { name: 'kb', description: 'kb' } })
      const engine = SubQuestionQueryEngine.fromDefaults({
        queryEngineTools: [kb],
        questionGen: new LLMQuestionGenerator({ llm }),
      })
      return (await engine.query({ query })).message
    },
    trees: [
      `\
query · ok · 40 in, 20 out
├─ ${LLM}
├─ retrieval retrieve · ok
├─ retrieval retrieve · ok
├─ ${LLM}
├─ ${LLM}
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const asked = trace.spans.filter(({ type }) => type === 'retrieval')
      expect(asked.map(({ input }) => input)).toEqual(['Paris?', 'Rome?'])
    },
  },
]
