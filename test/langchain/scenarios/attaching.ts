import { instrumentAISDK } from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import * as ai from 'ai'
import { expect } from 'vitest'

import { scriptedModel } from '../../support/ai-sdk-scripted-model.ts'
import type { VersionSet } from '../frameworks.ts'
import { asking, LLM, question, replying, type Scenario, stateOf, toolsOf } from './scenario.ts'

function sayWith(client: TruLayer): () => Promise<string> {
  const { generateText } = instrumentAISDK(ai, { client })
  return async () => {
    const { text } = await generateText({ model: scriptedModel([{ text: 'Hi.' }]), prompt: '?' })
    return text
  }
}

/* A chat model of LangChain that is made of the AI SDK, as integrations of one's own may be. */
function modelOf(set: VersionSet, say: () => Promise<string>) {
  return new (class Bridge extends set.Model {
    override async _generate(
      ...parameters: Parameters<InstanceType<typeof set.Model>['_generate']>
    ) {
      await say()
      // oxlint-disable-next-line no-underscore-dangle -- LangChain's name
      return await super._generate(...parameters)
    }
  })({ script: [{ text: 'Hi.' }] })
}

/** Where a handler may be attached, and what runs beside LangChain. */
export const attaching: readonly Scenario[] = [
  {
    number: 25,
    title: 'handlers on the model, on the chain and on the call',
    turn: async ({ set, callbacks, client }) => {
      const another = callbacks.length === 0 ? [] : [new TruLayerCallbackHandler({ client })]
      const chain = new set.Model({ script: [{ text: 'Hi there.' }], callbacks })
        .pipe(new set.parsers.StringOutputParser())
        .withConfig({ callbacks })
      const stream = await chain.stream('hello', {
        callbacks: [...callbacks, ...another] as typeof callbacks,
        runName: 'greet',
      })
      let text = ''
      for await (const part of stream) {
        text += part
      }
      return text
    },
    trees: [`greet · ok · 20 in, 5 out\n└─ ${LLM}`],
    check: ({ trace }) => expect(trace.output).toBe('Hi there.'),
  },
  {
    number: 25,
    title: 'handlers everywhere, and one for the whole process besides',
    turn: async ({ set, callbacks, client }) => {
      const undo =
        callbacks.length === 0 ? undefined : instrumentLangChain(set.callbacks, { client })
      try {
        return await new set.Model({ script: [{ text: 'Hi there.' }], callbacks })
          .pipe(new set.parsers.StringOutputParser())
          .withConfig({ callbacks })
          .invoke('hello', { callbacks, runName: 'greet' })
      } finally {
        undo?.()
      }
    },
    trees: [`greet · ok · 20 in, 5 out\n└─ ${LLM}`],
  },
  {
    number: 26,
    title: 'a call in a node that is handed callbacks of its own',
    turn: ({ set, callbacks }) =>
      new set.graph.StateGraph(stateOf(set))
        .addNode('answer', async () => {
          await replying(set, { text: 'Hi.' }).invoke('hello', { callbacks })
          return {}
        })
        .addEdge(set.graph.START, 'answer')
        .compile({ name: 'desk' })
        .invoke({ question: '?' }, { callbacks }),
    trees: [`desk · ok · 20 in, 5 out\n└─ other answer · ok\n   └─ ${LLM}`],
  },
  {
    number: 28,
    title: 'ten turns at once, one handler',
    turn: ({ set, callbacks }) => {
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: new set.Model({
          script: (messages) =>
            messages.length === 1
              ? { ...asking('c1', 'weather', { city: messages[0]?.text ?? '' }), delay: 5 }
              : { text: `Sunny in ${messages[0]?.text}.`, delay: 5 },
        }),
        tools: Object.values(toolsOf(set)),
      })
      return Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          agent.invoke(
            { messages: [{ role: 'user', content: `city-${index}` }] },
            { callbacks, configurable: { thread_id: `T-${index}` } },
          ),
        ),
      )
    },
    trees: Array(10).fill(
      `support · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool weather · ok\n└─ ${LLM}`,
    ),
    check: ({ traces }) => {
      const seen = traces.map(({ sessionId, input, output }) => [sessionId, input, output])
      expect(new Set(seen)).toEqual(
        new Set(
          Array.from({ length: 10 }, (_, n) => [`T-${n}`, `city-${n}`, `Sunny in city-${n}.`]),
        ),
      )
    },
  },
  {
    number: 39,
    title: 'the AI SDK in a tool and in a node',
    turn: async ({ set, callbacks, client }) => {
      const say = sayWith(client)
      const speak = set.tools.tool(say, {
        name: 'speak',
        description: 'Speaks',
        schema: set.z.object({}),
      })
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: replying(set, asking('c1', 'speak'), { text: 'Done.' }),
        tools: [speak],
      })
      return await new set.graph.StateGraph(stateOf(set))
        .addNode('greet', async () => ({ question: await say() }))
        .addNode('help', async () => {
          await agent.invoke(question)
          return {}
        })
        .addEdge(set.graph.START, 'greet')
        .addEdge('greet', 'help')
        .compile({ name: 'desk' })
        .invoke({ question: '?' }, { callbacks })
    },
    trees: [
      `\
desk · ok · 80 in, 20 out
├─ other greet · ok
│  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ other support · ok
   ├─ ${LLM}
   ├─ tool speak · ok
   │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
   └─ ${LLM}`,
    ],
  },
  {
    number: 39,
    title: 'models that are made of the AI SDK, and the AI SDK beside them',
    turn: ({ set, callbacks, client }) => {
      const say = sayWith(client)
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: modelOf(set, say),
        tools: Object.values(toolsOf(set)),
      })
      return new set.graph.StateGraph(stateOf(set))
        .addNode('greet', async () => {
          await Promise.all([modelOf(set, say).invoke('a'), modelOf(set, say).invoke('b')])
          return { question: await say() }
        })
        .addNode('help', async () => {
          await agent.invoke(question)
          return {}
        })
        .addEdge(set.graph.START, 'greet')
        .addEdge('greet', 'help')
        .compile({ name: 'desk' })
        .invoke({ question: '?' }, { callbacks })
    },
    // What the models do below is the very call that they are.
    trees: [
      `\
desk · ok · 80 in, 20 out
├─ other greet · ok
│  ├─ ${LLM}
│  ├─ ${LLM}
│  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ other support · ok
   └─ ${LLM}`,
    ],
  },
]
