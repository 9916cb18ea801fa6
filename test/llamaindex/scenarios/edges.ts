import { attributes } from '@trulayer/core/internal'
import { expect } from 'vitest'

import { drain, type Scenario, spanNamed, type Stage } from '../play.ts'
import { LLM } from './queries.ts'

const message = 'Is Paris the capital?'
const messages = [{ role: 'user', content: message }]
const PARIS = [{ text: 'It is Paris' }]

const CHAT = `\
chat · ok · 10 in, 5 out
├─ retrieval retrieve · ok
└─ ${LLM}`

const BARE = `chat gpt-4o-mini · ok · 10 in, 5 out\n└─ ${LLM}`

async function contextChat({ set, index }: Stage, llm: object) {
  set.Settings.llm = llm
  const retriever = (await index()).asRetriever()
  return new set.ContextChatEngine({ retriever })
}

/** What is left of the list, and what is below it. */
export const edges: readonly Scenario[] = [
  {
    number: 12,
    title: 'a model alone, by events',
    turn: async ({ model }) => (await model(PARIS).chat({ messages })).message,
    trees: [BARE],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: message, output: 'It is Paris' })
    },
  },
  {
    number: 12,
    title: 'a model alone, wrapped twice',
    turn: async ({ tl, llm }) => (await tl.llm(llm(PARIS)).chat({ messages })).message,
    trees: [BARE],
  },
  {
    number: 12,
    title: 'a model that does not say who it is',
    turn: async (stage) => {
      const { set, index, model } = stage
      set.Settings.llm = model(PARIS, { telling: 'events' })
      return (await (await index()).asQueryEngine().query({ query: message })).message
    },
    trees: [
      'query · ok · 10 in, 5 out\n├─ retrieval retrieve · ok\n└─ llm chat · ok · 10 in, 5 out',
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'chat').metadata[attributes.responseModel]).toBe('gpt-4o-mini-2026')
    },
  },
  {
    number: 12,
    title: 'models that tell little or nothing, wrapped',
    turn: async ({ llm }) => {
      const answers = []
      for (const telling of ['events', 'nothing'] as const) {
        answers.push((await llm(PARIS, { telling }).chat({ messages })).message)
      }
      return answers
    },
    trees: [BARE, BARE],
  },
  {
    number: 12,
    title: 'a chat engine, by events alone',
    turn: async (stage) =>
      (await (await contextChat(stage, stage.model(PARIS))).chat({ message })).message,
    trees: [CHAT],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: message, output: 'It is Paris' })
    },
  },
  {
    number: 12,
    title: 'a chat engine, by events alone, streamed',
    turn: async (stage) =>
      drain(await (await contextChat(stage, stage.model(PARIS))).chat({ message, stream: true })),
    trees: [CHAT],
  },
  {
    number: 12,
    title: 'a chat engine, wrapped and streamed, that its reader leaves',
    turn: async (stage) => {
      const engine = stage.tl.agent(await contextChat(stage, stage.llm(PARIS)))
      return drain(await engine.chat({ message, stream: true }), 1)
    },
    trees: ['chat · cancelled\n├─ retrieval retrieve · ok\n└─ llm chat gpt-4o-mini · cancelled'],
    isBilled: false,
    check: ({ trace }) => {
      expect(trace.metadata['trulayer.reason']).toBe('reader left')
    },
  },
  {
    number: 12,
    title: 'a chat engine, wrapped, in a turn',
    turn: async (stage) => {
      const engine = stage.tl.agent(await contextChat(stage, stage.llm(PARIS)))
      return stage.tl.run({ name: 'turn' }, async () => (await engine.chat({ message })).message)
    },
    trees: [CHAT.replace('chat', 'turn')],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: message, output: 'It is Paris' })
    },
  },
  {
    number: 12,
    title: 'a chat engine that brings the question into shape first',
    turn: async (stage) => {
      const { set, index, llm, tl } = stage
      set.Settings.llm = llm(PARIS)
      const queryEngine = (await index()).asQueryEngine()
      const engine = new set.CondenseQuestionChatEngine({ queryEngine, chatHistory: [] })
      return (await tl.agent(engine).chat({ message })).message
    },
    trees: [
      `\
chat · ok · 20 in, 10 out
├─ ${LLM}
├─ retrieval retrieve · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.input).toBe(message)
    },
  },
  {
    number: 12,
    title: 'a chat whose model throws, by events of the engine alone',
    turn: async ({ set, llm }) =>
      new set.SimpleChatEngine({ llm: llm([{ error: new TypeError('401') }]) }).chat({ message }),
    trees: ['chat · error (TypeError: 401)\n└─ llm chat gpt-4o-mini · error (TypeError: 401)'],
  },
  {
    number: 12,
    title: 'a manager of its own',
    turn: async ({ set, model, index }) => {
      set.Settings.llm = model(PARIS)
      const engine = (await index()).asQueryEngine()
      const heard: string[] = []
      const manager = new set.CallbackManager()
      manager.on('query-end', () => heard.push('query-end'))
      const { message: answer } = await set.Settings.withCallbackManager(manager, () =>
        engine.query({ query: message }),
      )
      return [answer, heard]
    },
    trees: [CHAT.replace('chat', 'query')],
  },
  {
    number: 12,
    title: 'a manager that takes the place of another',
    turn: async ({ set, model, index }) => {
      set.Settings.llm = model(PARIS)
      const engine = (await index()).asQueryEngine()
      const before = set.Settings.callbackManager
      set.Settings.callbackManager = new set.CallbackManager()
      try {
        return (await engine.query({ query: message })).message
      } finally {
        set.Settings.callbackManager = before
      }
    },
    trees: [CHAT.replace('chat', 'query')],
  },
  {
    number: 13,
    title: 'a retriever alone, with its embedding',
    turn: async ({ set, tl, index }) => {
      tl.embedding(set.Settings.embedModel)
      const retriever = (await tl.run({ name: 'index' }, index)).asRetriever()
      const found = (await retriever.retrieve(message)) as { readonly score: number }[]
      return found.map(({ score }) => score)
    },
    trees: [
      'index · ok\n└─ llm embeddings text-embedding-3-small · ok',
      `\
retrieve · ok
└─ retrieval retrieve · ok
   └─ llm embeddings text-embedding-3-small · ok`,
    ],
  },
  {
    number: 13,
    title: 'an engine inside a trace of the host',
    turn: async (stage) => {
      const { set, client, llm, index } = stage
      set.Settings.llm = llm(PARIS)
      const engine = (await index()).asQueryEngine()
      return client.trace('mine', async () => {
        const answer = await client.span('ask', 'other', () => engine.query({ query: message }))
        return answer.message?.content
      })
    },
    trees: [
      `\
mine · ok · 10 in, 5 out
└─ other ask · ok
   ├─ retrieval retrieve · ok
   └─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.output).toBe('It is Paris')
    },
  },
  {
    number: 13,
    title: 'spans of the host inside a tool, a retriever and an agent of old',
    turn: async (stage) => {
      const { set, client, tl, llm, tool } = stage
      set.Settings.llm = llm(PARIS)
      class Searching extends set.BaseRetriever {
        // Begins in the first step of the retrieval, before its event is delivered.
        _retrieve() {
          return client.span('rank', 'other', () => Promise.resolve([]))
        }
      }
      const engine = new set.RetrieverQueryEngine(new Searching())
      const search = tool('search', async () => {
        const found = await client.span('open', 'other', () => Promise.resolve('found'))
        const { message: answer } = await engine.query({ query: message })
        return `${found} ${String(answer?.content)}`
      })
      const script = [
        { tools: [{ id: 'c1', name: 'search', args: { city: 'x' } }] },
        { text: 'Done.' },
      ]
      await stage.agent('support', script, { tools: [search] }).run('Search.')
      await tl.agent(new set.LLMAgent({ llm: llm(script), tools: [search] })).chat({ message })
    },
    trees: ['support', 'agent'].map(
      (name) => `\
${name} · ok · 20 in, 10 out
├─ ${LLM}
├─ tool search · ok
│  ├─ other open · ok
│  └─ retrieval retrieve · ok
│     └─ other rank · ok
└─ ${LLM}`,
    ),
  },
  {
    number: 13,
    title: 'a model that runs its tools itself',
    turn: async ({ llm, client, tool }) => {
      const tools = [
        tool('look', ({ city }) =>
          client.span('open', 'other', () =>
            city === 'Atlantis' ? Promise.reject(new RangeError('sunk')) : Promise.resolve(city),
          ),
        ),
      ]
      const script = [
        {
          text: 'Let me look.',
          tools: ['Paris', 'Atlantis'].map((city) => ({ id: city, name: 'look', args: { city } })),
        },
      ]
      const { newMessages } = await llm(script).exec({ messages, tools })
      return newMessages
    },
    trees: [
      `\
exec · ok · 10 in, 5 out
├─ ${LLM}
├─ tool look · ok
│  └─ other open · ok
└─ tool look · error (RangeError: sunk)
   └─ other open · error (RangeError: sunk)`,
    ],
  },
  {
    number: 13,
    title: 'an answer that is brought into a shape',
    turn: async ({ set, llm }) => {
      const { object } = await llm([
        { tools: [{ id: 'c1', name: 'format_output', args: { city: 'Paris' } }] },
      ]).exec({ messages, responseFormat: set.z.object({ city: set.z.string() }) })
      return object
    },
    trees: [`exec · ok · 10 in, 5 out\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.output).toEqual({ city: 'Paris' })
    },
  },
  {
    number: 13,
    title: 'a retriever that asks two others at once',
    turn: async (stage) => {
      const { set, llm, index } = stage
      set.Settings.llm = llm(PARIS)
      const inner = (await index()).asRetriever()
      class Both extends set.BaseRetriever {
        async _retrieve({ query }: { readonly query: string }) {
          const found = await Promise.all([inner.retrieve(query), inner.retrieve(query)])
          return found.flat()
        }
      }
      return (await new set.RetrieverQueryEngine(new Both()).query({ query: message })).message
    },
    // LlamaIndex does not say which of them called which.
    trees: [
      `\
query · ok · 10 in, 5 out
├─ retrieval retrieve · ok
├─ retrieval retrieve · ok
├─ retrieval retrieve · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 13,
    title: 'an engine that gets over the failure of a model',
    turn: async (stage) => {
      const { set, client, llm } = stage
      const broken = llm([{ error: new TypeError('401') }], { name: 'broken' })
      // It answers when the event loop has come round, and the failure would have come to its end.
      const gate = new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
      const spare = llm([{ text: 'It is Paris', gate }])
      class Careful extends set.RetrieverQueryEngine {
        async _query() {
          try {
            return await broken.chat({ messages })
          } catch {
            return client.span('second try', 'other', () => spare.chat({ messages }))
          }
        }
      }
      set.Settings.llm = spare
      const engine = new Careful((await stage.index()).asRetriever())
      return (await engine.query({ query: message })).message
    },
    trees: [
      `\
query · ok · 10 in, 5 out
├─ llm chat broken · error (TypeError: 401)
└─ other second try · ok
   └─ ${LLM}`,
    ],
  },
  {
    number: 13,
    title: 'a retriever that throws in a turn',
    turn: async (stage) => {
      const { set, tl, llm } = stage
      set.Settings.llm = llm(PARIS)
      class Broken extends set.BaseRetriever {
        _retrieve() {
          return Promise.reject(new RangeError('no store'))
        }
      }
      const engine = new set.RetrieverQueryEngine(new Broken())
      return tl.run({ name: 'turn' }, () => engine.query({ query: message }))
    },
    trees: [
      'turn · error (RangeError: no store)\n└─ retrieval retrieve · error (RangeError: no store)',
    ],
  },
  {
    number: 13,
    title: 'a model that is aborted',
    turn: ({ llm }) =>
      llm([{ error: new DOMException('stopped', 'AbortError') }]).chat({ messages }),
    trees: ['chat gpt-4o-mini · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    check: ({ trace }) => {
      expect(trace.spans[0]?.metadata[attributes.reason]).toBe('aborted')
    },
  },
  {
    number: 13,
    title: 'handlers of the host beside ours',
    turn: async ({ set, model, index }) => {
      set.Settings.llm = model(PARIS)
      const engine = (await index()).asQueryEngine()
      const heard: unknown[] = []
      const note = (event: { readonly detail: unknown }): void => {
        heard.push(event.detail === undefined)
      }
      set.Settings.callbackManager.on('llm-end', note)
      await engine.query({ query: message })
      set.Settings.callbackManager.off('llm-end', note)
      return heard
    },
    trees: [CHAT.replace('chat', 'query')],
  },
  {
    number: 13,
    title: 'images and numbers that are none',
    turn: async ({ llm }) => {
      const content = [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      ]
      const answer = await llm(PARIS).chat({ messages: [{ role: 'user', content }] })
      return answer.message
    },
    trees: [BARE],
    check: ({ trace }) => {
      expect(trace.input).toBe('What is this?')
      expect(trace.spans[0]?.input).toEqual([
        {
          role: 'user',
          parts: [
            { type: 'text', content: 'What is this?' },
            { type: 'blob', mime_type: 'image/png', bytes: 3 },
            { type: 'blob', mime_type: 'audio/wav', bytes: 3 },
          ],
        },
      ])
    },
  },
]
