import { setImmediate } from 'node:timers/promises'

import { expect } from 'vitest'

import type { VersionSet } from '../frameworks.ts'
import { asking, LLM, question, replying, type Scenario, stateOf, toolsOf } from './scenario.ts'

async function readFirst(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const chunk of stream) {
    return chunk
  }
  return undefined
}

/* A signal of the test's own: nothing here depends on how fast a machine is. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}

/* Long enough for all that is under way to be told. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await setImmediate()
  }
}

/* A scripted model that tells when its stream is over, read to the end or not. */
function tellingModel(set: VersionSet, over: () => void) {
  return new (class Telling extends set.Model {
    override async *_streamResponseChunks(
      ...parameters: Parameters<InstanceType<typeof set.Model>['_streamResponseChunks']>
    ) {
      try {
        // oxlint-disable-next-line no-underscore-dangle -- LangChain's name
        yield* super._streamResponseChunks(...parameters)
      } finally {
        over()
      }
    }
  })({ script: [{ text: 'A long answer.', delay: 20 }] })
}

/** Streams that are left, and turns that are broken off. */
export const streams: readonly Scenario[] = [
  {
    number: 22,
    title: "a model's stream that is left",
    turn: async ({ set, callbacks, client }) => {
      const stream = await replying(set, { text: 'A long answer.' }).stream('hello', { callbacks })
      const reader = stream[Symbol.asyncIterator]()
      const texts = [await reader.next(), await reader.next()].map(({ value }) => value?.content)
      await reader.return?.()
      await client.flush({ open: 'close' })
      return texts
    },
    trees: ['chat gpt-4o-mini · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
    check: ({ trace }) => {
      expect(trace.spans[0]?.metadata).toHaveProperty(['trulayer.ttft_ms'])
      expect(trace.output).toMatch(/^A /)
    },
  },
  {
    number: 22,
    title: "a chain's stream that is left",
    turn: async ({ set, callbacks, client }) => {
      const chain = replying(set, { text: 'A long answer.' }).pipe(
        new set.parsers.StringOutputParser(),
      )
      const first = await readFirst(await chain.stream('hello', { callbacks, runName: 'say' }))
      await settle()
      await client.flush({ open: 'close' })
      return first
    },
    trees: ['say · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
  },
  {
    number: 23,
    title: "a graph's stream that is left",
    turn: async ({ set, callbacks, client }) => {
      const over = signal()
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: tellingModel(set, over.give),
        tools: Object.values(toolsOf(set)),
      })
      const first = await readFirst(
        await agent.stream(question, { callbacks, streamMode: 'messages' }),
      )
      await over.given
      await settle()
      await client.flush({ open: 'close' })
      return first
    },
    trees: ['support · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
  },
  {
    number: 23,
    title: 'a graph that is aborted',
    turn: async ({ set, callbacks }) => {
      const asked = signal()
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: new set.Model({
          script: () => {
            asked.give()
            return { text: 'Never said.', delay: 20_000 }
          },
        }),
        tools: Object.values(toolsOf(set)),
      })
      const controller = new AbortController()
      const running = agent.invoke(question, { callbacks, signal: controller.signal })
      await asked.given
      controller.abort()
      return await running
    },
    trees: ['support · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    check: ({ trace }) => {
      expect(trace.metadata['trulayer.reason']).toBe('aborted')
    },
  },
  {
    number: 37,
    title: 'the trace is whole as soon as the call is over',
    turn: async ({ set, callbacks, client }) => {
      const agent = set.prebuilt.createReactAgent({
        name: 'support',
        llm: replying(set, asking('c1', 'weather', { city: 'Paris' }), { text: 'Sunny.' }),
        tools: Object.values(toolsOf(set)),
      })
      const result = await agent.invoke(question, { callbacks })
      // Nothing is to be waited for: a function may be frozen and a process may exit now.
      const { open, recorded } = client.stats().traces
      if (client.stats().state === 'active' && (open !== 0 || recorded !== 1)) {
        throw new Error(`${open} open, ${recorded} recorded`)
      }
      return result
    },
    trees: [
      `\
support · ok · 40 in, 10 out
├─ ${LLM}
├─ tool weather · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 38,
    title: 'a call that is made after the turn',
    turn: async ({ set, callbacks }) => {
      const over = signal()
      let after: Promise<unknown> = Promise.resolve()
      const graph = new set.graph.StateGraph(stateOf(set))
        .addNode('answer', (_state, config) => {
          after = over.given.then(() => replying(set, { text: 'Late.' }).invoke('?', config))
          return { question: 'x' }
        })
        .addEdge(set.graph.START, 'answer')
        .compile({ name: 'desk' })
      const result = await graph.invoke({ question: '?' }, { callbacks })
      over.give()
      await after
      return result
    },
    trees: ['desk · ok\n└─ other answer · ok'],
    late: 1,
  },
]
