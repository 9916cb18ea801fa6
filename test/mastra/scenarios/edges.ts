import { trulayerTraceId, withTruLayer } from '@trulayer/mastra'
import { expect } from 'vitest'

import { drain, pause, type Scenario, spanNamed, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const PLAIN = `support · ok · 10 in, 5 out\n└─ ${LLM}`
const LOOP = `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool weather · ok\n└─ ${LLM}`

function plainAgent({ agent, mastra }: Stage, config?: object) {
  const support = agent('support', [{ text: 'Hello.' }])
  return mastra({ agents: { support } }, config).getAgent('support')
}

function loopAgent({ agent, tool, mastra }: Stage, config?: object) {
  const support = agent(
    'support',
    [{ tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] }, { text: 'sunny' }],
    { tools: { weather: tool('weather', () => ({ sky: 'sunny' })) } },
  )
  return mastra({ agents: { support } }, config).getAgent('support')
}

function filtered(title: string, config: object): Scenario {
  return {
    number: 20,
    title,
    turn: async (stage) => (await loopAgent(stage, config).generate('Hi')).text,
    trees: [LOOP],
  }
}

function titled(method: 'generate' | 'stream'): Scenario {
  return {
    number: 22,
    title: `a title for the thread, ${method}`,
    turn: async ({ agent, model, mastra, set }) => {
      const titles = model([{ text: 'Greetings', tokens: [33, 3], delay: 30 }], 'title-model')
      const memory = set.MockMemory && new set.MockMemory()
      // Its constructor takes no such option in every version.
      Object.assign(memory?.threadConfig ?? {}, { generateTitle: { model: titles } })
      const support = agent('support', [{ text: 'Hello.' }], { memory })
      const observed = mastra({ agents: { support } }).getAgent('support')
      const call = { memory: { thread: 'T', resource: 'R' } }
      if (method === 'generate') {
        await observed.generate('Hi', call)
      } else {
        await drain(await observed.stream('Hi', call))
      }
      await pause(200)
      return (await memory?.getThreadById({ threadId: 'T' }))?.title
    },
    trees: [`support · ok · 43 in, 8 out\n├─ ${LLM}\n└─ llm chat title-model · ok · 33 in, 3 out`],
    sessions: ['T'],
    check: ({ trace, value }) => {
      expect(value).toBe('Greetings')
      expect(trace.output).toBe('Hello.')
    },
  }
}

/** What is rare, or chosen by the host. */
export const edges: readonly Scenario[] = [
  {
    number: 19,
    title: 'two turns under one trace id of the host',
    turn: async (stage) => {
      const agent = plainAgent(stage)
      // Ids are used once in a process, so each run of the scenario has one of its own.
      const traceId = crypto.randomUUID().replaceAll('-', '')
      await agent.generate('Hi', { tracingOptions: { traceId } })
      await agent.generate('Hi', { tracingOptions: { traceId } })
    },
    trees: [PLAIN, PLAIN],
    check: ({ traces: [first, second] }) => {
      expect(first?.id.replaceAll('-', '')).toBe(first?.externalId)
      expect(second?.externalId).toBe(first?.externalId)
      expect(second?.id).not.toBe(first?.id)
    },
  },
  {
    number: 19,
    title: 'a parent in another process',
    turn: async (stage) => {
      const traceId = crypto.randomUUID().replaceAll('-', '')
      const tracingOptions = { traceId, parentSpanId: 'b7ad6b7169203331' }
      await plainAgent(stage).generate('Hi', { tracingOptions })
    },
    trees: [PLAIN],
    check: ({ trace }) => {
      expect(trace.id.replaceAll('-', '')).not.toBe(trace.externalId)
      expect(trace.id.slice(0, 18).replaceAll('-', '')).toBe(trace.externalId?.slice(16))
    },
  },
  filtered('steps that the host excludes', { excludeSpanTypes: ['model_step'] }),
  filtered('agents that the host excludes', { excludeSpanTypes: ['agent_run'] }),
  filtered('steps that the host filters', {
    spanFilter: (span: { type: string }) => span.type !== 'model_step',
  }),
  filtered('spans that Mastra keeps to itself', { includeInternalSpans: true }),
  {
    number: 22,
    title: 'a model that another one stands in for',
    turn: async ({ agent, model, mastra }) => {
      const support = agent('support', [], {
        model: [
          { id: 'first', model: model([{ error: new Error('down') }], 'bad'), maxRetries: 0 },
          { id: 'second', model: model([{ text: 'ok' }], 'good'), maxRetries: 0 },
        ],
      })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: ['support · ok · 10 in, 5 out\n└─ llm chat good · ok · 10 in, 5 out'],
    check: ({ trace }) => {
      expect(trace.model).toBe('good')
    },
  },
  {
    number: 22,
    title: 'a tool of the client',
    turn: async ({ agent, mastra, set: { z } }) => {
      const support = agent('support', [{ tools: [{ id: 'c1', name: 'ask', args: { q: 'a' } }] }])
      const ask = { id: 'ask', description: 'Asks', inputSchema: z.object({ q: z.string() }) }
      const answer = await mastra({ agents: { support } })
        .getAgent('support')
        .generate('Hi', { clientTools: { ask } })
      return answer.finishReason
    },
    trees: [`support · interrupted · 10 in, 5 out\n├─ ${LLM}\n└─ tool ask · interrupted`],
    check: ({ trace }) => {
      const ask = trace.spans.find(({ type }) => type === 'tool')
      expect(ask?.input).toEqual({ q: 'a' })
      expect(ask?.metadata['gen_ai.tool.call.id']).toBe('c1')
    },
  },
  {
    number: 22,
    title: 'a tool that the provider runs',
    turn: async ({ agent, mastra }) => {
      const search = { id: 'c1', name: 'web_search', args: { q: 'x' }, providerResult: { hits: 1 } }
      const support = agent('support', [{ text: 'found', tools: [search] }])
      return await drain(await mastra({ agents: { support } }).getAgent('support').stream('Hi'))
    },
    trees: [`support · ok · 10 in, 5 out\n├─ ${LLM}\n└─ tool web_search · ok`],
  },
  {
    number: 22,
    title: 'a processor that stops the turn',
    turn: async ({ agent, mastra }) => {
      const guard = {
        id: 'guard',
        name: 'guard',
        processInput: ({ abort }: { abort: (reason: string) => unknown }) => abort('blocked'),
      }
      const support = agent('support', [{ text: 'never' }], { inputProcessors: [guard] })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).finishReason
    },
    trees: ['support · cancelled'],
    check: ({ trace }) => {
      expect(trace.metadata['trulayer.reason']).toBe('tripwire')
    },
  },
  {
    number: 22,
    title: 'an answer from a cache of responses',
    turn: async ({ agent, mastra, set: { ResponseCache, InMemoryServerCache } }) => {
      const caches =
        ResponseCache && InMemoryServerCache
          ? [new ResponseCache({ cache: new InMemoryServerCache(), ttl: 60 })]
          : []
      const support = agent('support', [{ text: 'Paris.' }], { inputProcessors: caches })
      const observed = mastra({ agents: { support } }).getAgent('support')
      return [
        (await observed.generate('Capital of France?')).text,
        await drain(await observed.stream('Capital of France?')),
      ]
    },
    trees: [PLAIN, 'support · ok · 0 in, 0 out\n└─ llm chat gpt-4o-mini · ok · 0 in, 0 out'],
    check: ({ traces }) => {
      const [first, second] = traces.map((trace) => spanNamed(trace, 'chat gpt-4o-mini'))
      expect(first?.metadata['trulayer.cached']).toBeUndefined()
      expect(second?.metadata['trulayer.cached']).toBe(true)
      expect(second?.input).toEqual(first?.input)
      expect(second?.output).toEqual(first?.output)
    },
  },
  {
    number: 22,
    title: 'a score, and no trace of the scorer',
    turn: async ({ agent, mastra, set: { createScorer } }) => {
      const length = createScorer({ id: 'length', name: 'length', description: 'How long' })
      const scorer = length.generateScore(() => 0.5)
      const scorers = { length: { scorer, sampling: { type: 'ratio', rate: 1 } } }
      const support = agent('support', [{ text: 'Hello.' }], { scorers })
      const answer = await mastra({ agents: { support } }).getAgent('support').generate('Hi')
      await pause(300)
      return answer.text
    },
    trees: [PLAIN],
  },
  {
    number: 22,
    title: 'a thread of 61 messages',
    turn: async (stage) => {
      const messages = Array.from({ length: 61 }, (_, index) => ({
        role: index % 2 === 0 ? 'user' : 'assistant',
        content: `message ${index}`,
      }))
      return (
        await plainAgent(stage, { serializationOptions: { maxArrayLength: 1000 } }).generate(
          messages,
        )
      ).text
    },
    trees: [PLAIN],
    check: ({ trace }) => {
      expect(trace.input).toBe('message 60')
      const input = trace.spans[0]?.input
      expect(Array.isArray(input) ? input.length : 0).toBeGreaterThanOrEqual(62)
    },
  },
  {
    number: 22,
    title: 'an image, and a result that contains itself',
    turn: async ({ agent, tool, mastra }) => {
      const circle: Record<string, unknown> = { name: 'circle' }
      Object.defineProperty(circle, 'self', { value: circle, enumerable: true })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] }, { text: 'done' }],
        {
          tools: {
            weather: tool('weather', () => circle),
          },
        },
      )
      const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(400)}`
      const content = [
        { type: 'text', text: 'What is this?' },
        { type: 'image', image, mimeType: 'image/png' },
      ]
      const answer = await mastra({ agents: { support } })
        .getAgent('support')
        .generate([{ role: 'user', content }])
      return answer.text
    },
    trees: [LOOP],
    check: ({ trace }) => {
      expect(trace.input).toBe('What is this?')
      expect(JSON.stringify(trace.spans[0]?.input)).toContain('"type":"blob"')
      expect(JSON.stringify(trace)).not.toContain('iVBORw0KGgoiVBORw0KGgo')
    },
  },
  {
    number: 22,
    title: 'whom a call is for, and the id for feedback',
    turn: async (stage) => {
      const answer = await plainAgent(stage).generate('Hi', {
        tracingOptions: withTruLayer({
          sessionId: 'S',
          userId: 'U',
          tags: ['plan:pro', 'beta'],
          metadata: { tenant: 'acme' },
        }),
      })
      return { text: answer.text, id: trulayerTraceId(answer, { client: stage.client }) }
    },
    trees: [PLAIN],
    sessions: ['S'],
    check: ({ trace, value }) => {
      expect(value).toMatchObject({ id: trace.id })
      expect(trace).toMatchObject({
        userId: 'U',
        tags: { plan: 'pro', beta: 'true' },
        metadata: { tenant: 'acme', 'trulayer.framework': 'mastra' },
      })
    },
  },
  {
    number: 22,
    title: 'a conversation of the agent’s memory',
    turn: async ({ agent, mastra, set }) => {
      const memory = set.MockMemory && new set.MockMemory()
      const support = agent('support', [{ text: 'Hello.' }], { memory })
      const observed = mastra({ agents: { support } }).getAgent('support')
      const call = { memory: { thread: 'T', resource: 'R' } }
      await observed.generate('Hi', call)
      return (await observed.generate('And now?', call)).text
    },
    trees: [PLAIN, PLAIN],
    sessions: ['T', 'T'],
    check: ({ traces }) => {
      expect(traces.map(({ userId, input }) => [userId, input])).toEqual([
        ['R', 'Hi'],
        ['R', 'And now?'],
      ])
    },
  },
  titled('generate'),
  titled('stream'),
  {
    number: 22,
    title: 'a method that Mastra calls legacy',
    turn: async ({ agent, tool, mastra, legacyModel }) => {
      const support = agent('support', [], {
        model: legacyModel([
          { tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] },
          { text: 'sunny' },
        ]),
        tools: { weather: tool('weather', () => ({ sky: 'sunny' })) },
      })
      return (await mastra({ agents: { support } }).getAgent('support').generateLegacy('Hi')).text
    },
    // Mastra tells all of its calls as one.
    trees: [
      `\
support · ok · 20 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 10 out
└─ tool weather · ok`,
    ],
  },
  {
    number: 22,
    title: 'an agent that survives its process',
    turn: async ({ agent, tool, mastra, set }) => {
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] }, { text: 'sunny' }],
        { tools: { weather: tool('weather', () => ({ sky: 'sunny' })) } },
      )
      const durable = set.createDurableAgent?.({ agent: support })
      mastra({ agents: { support: durable } })
      const stream = await durable?.stream('Hi')
      const types = stream === undefined ? [] : await drain(stream.output)
      stream?.cleanup()
      return types
    },
    trees: [LOOP],
  },
  {
    number: 22,
    title: 'arguments that Mastra takes for secrets',
    turn: async ({ agent, tool, mastra, set: { z } }) => {
      const open = tool('open', ({ token }) => `opened with ${String(token)}`, {
        inputSchema: z.object({ token: z.string(), door: z.string() }),
      })
      const support = agent(
        'support',
        [
          { tools: [{ id: 'c1', name: 'open', args: { token: 'x1', door: 'x2' } }] },
          { text: 'done' },
        ],
        { tools: { open } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool open · ok\n└─ ${LLM}`],
    check: ({ trace }) => {
      // By the names of keys alone: what a tool writes is not seen.
      expect(spanNamed(trace, 'open')).toMatchObject({
        input: { token: '[REDACTED]', door: 'x2' },
        output: 'opened with x1',
      })
    },
  },
  {
    number: 22,
    title: 'a warning in the log of a tool',
    turn: async ({ agent, tool, mastra }) => {
      const warn = tool('warn', (_, { loggerVNext }) => {
        loggerVNext?.warn('careful', { secret: 'of the host' })
        return 1
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'warn', args: { city: 'Paris' } }] }, { text: 'done' }],
        { tools: { warn } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool warn · ok\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.events).toMatchObject([
        {
          spanId: spanNamed(trace, 'warn').id,
          level: 'warn',
          message: 'careful',
          metadata: {},
        },
      ])
    },
  },
  {
    number: 22,
    title: 'everything that Mastra tells',
    options: { nodes: 'all' },
    turn: async (stage) => (await plainAgent(stage).generate('Hi')).text,
    trees: [
      `\
support · ok · 10 in, 5 out
└─ other llm: 'gpt-4o-mini' · ok
   └─ other step: 0 · ok
      ├─ ${LLM}
      └─ other chunk: 'text' · ok`,
    ],
  },
]
