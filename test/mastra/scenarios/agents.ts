import { trulayerTraceId } from '@trulayer/mastra'
import { expect } from 'vitest'

import { drain, pause, type Played, type Scenario, spanNamed, type Stage } from '../play.ts'

const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'

/** The canonical agent: two model calls, three tools beside them. */
function weatherAgent({ agent, tool, mastra }: Stage, config?: object) {
  const support = agent(
    'support',
    [
      {
        text: 'Let me look.',
        tools: [
          { id: 'c1', name: 'weather', args: { city: 'Paris' } },
          { id: 'c2', name: 'weather', args: { city: 'Berlin' } },
          { id: 'c3', name: 'clock', args: { city: 'Paris' } },
        ],
        tokens: [100, 20],
        cachedTokens: 30,
      },
      { text: 'Sunny, at noon.', tokens: [150, 10] },
    ],
    {
      tools: {
        weather: tool('weather', async ({ city }) => {
          await pause(20)
          return { sky: `sunny in ${String(city)}` }
        }),
        clock: tool('clock', () => ({ time: 'noon' })),
      },
    },
  )
  return mastra({ agents: { support } }, config).getAgent('support')
}

const TIMED_OUT = 'error (TimeoutError: The operation was aborted due to timeout)'

const PLAIN = `support · ok · 10 in, 5 out\n└─ ${LLM}`

const CANONICAL = `\
support · ok · 250 in, 30 out
├─ llm chat gpt-4o-mini · ok · 100 in, 20 out
├─ tool clock · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 150 in, 10 out`

const question = 'Weather in Paris and Berlin?'
const call = { tracingOptions: { metadata: { sessionId: 'S' }, tags: ['prod', 'plan:pro'] } }

function expectAborted({ trace }: Played): void {
  const reason = trace.status === 'cancelled' ? 'aborted' : undefined
  expect(trace.metadata['trulayer.reason']).toBe(reason)
}

function expectTimeout({ trace }: Played): void {
  expect(trace.metadata['trulayer.reason']).toBe('timeout')
}

/** Turns of one agent. */
export const agents: readonly Scenario[] = [
  {
    number: 1,
    title: 'the tools that a call offers',
    turn: async ({ agent, tool, mastra }) => {
      const tools = { weather: tool('weather', () => 'sunny') }
      const support = agent('support', [{ text: 'Hello.' }], { tools })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.spans[0]?.metadata['gen_ai.tool.definitions']).toEqual([
        { type: 'function', name: 'weather' },
      ])
    },
  },
  {
    number: 1,
    title: 'a gateway that reports what a call cost',
    turn: async ({ agent, mastra }) => {
      const providerMetadata = { openrouter: { usage: { cost: 0.002 } } }
      const support = agent('support', [{ text: 'Hello.', providerMetadata }])
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.spans[0]?.cost).toBe(0.002)
    },
  },
  {
    number: 7,
    title: 'tools that answer as an MCP server does',
    turn: async ({ agent, tool, mastra }) => {
      const data = Buffer.alloc(3000, 7).toString('base64')
      const image = { content: [{ type: 'image', data, mimeType: 'image/png' }] }
      const failed = { content: [{ type: 'text', text: 'EACCES' }], isError: true }
      const support = agent(
        'support',
        [
          {
            tools: [
              { id: 'c1', name: 'look', args: { city: 'Paris' } },
              { id: 'c2', name: 'remove', args: { city: 'Paris' } },
            ],
          },
          { text: 'done' },
        ],
        { tools: { look: tool('look', () => image), remove: tool('remove', () => failed) } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool look · ok
├─ tool remove · error (Error: EACCES)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      // Before 1.30 Mastra cuts long texts, so that the size is unknown.
      expect(spanNamed(trace, 'look').output).toEqual({
        content: [expect.objectContaining({ type: 'blob', mime_type: 'image/png' })],
      })
      expect(JSON.stringify(trace)).not.toContain('BwcHBwcHBwcHBwcHBwcHBwcH')
    },
  },
  {
    number: 1,
    title: 'calls of one id in one step',
    turn: async ({ agent, tool, mastra }) => {
      const support = agent(
        'support',
        [
          {
            tools: ['Paris', 'Berlin'].map((city) => ({
              id: 'c1',
              name: 'weather',
              args: { city },
            })),
          },
          { text: 'Sunny.' },
        ],
        {
          tools: {
            weather: tool('weather', async ({ city }) => {
              await pause(city === 'Paris' ? 20 : 5)
              return { sky: `sunny in ${String(city)}` }
            }),
          },
        },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate(question)).text
    },
    trees: [
      `support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const tools = trace.spans.filter(({ type }) => type === 'tool')
      expect(
        tools.map(({ input, output, metadata }) => [
          input,
          output,
          metadata['gen_ai.tool.call.id'],
        ]),
      ).toEqual([
        [{ city: 'Paris' }, { sky: 'sunny in Paris' }, 'c1'],
        [{ city: 'Berlin' }, { sky: 'sunny in Berlin' }, 'c1'],
      ])
    },
  },
  {
    number: 1,
    title: 'a loop of two calls and three tools',
    turn: async (stage) => (await weatherAgent(stage).generate(question, call)).text,
    trees: [CANONICAL],
    sessions: ['S'],
    check: ({ trace }) => {
      const [first, ...rest] = trace.spans
      const tools = rest.filter(({ type }) => type === 'tool')
      expect(first?.endedAt).toBeLessThanOrEqual(
        Math.min(...tools.map(({ startedAt }) => startedAt)),
      )
      expect(first?.usage?.cachedTokens).toBe(30)
      expect(trace.input).toBe(question)
      expect(trace.output).toBe('Sunny, at noon.')
      expect(new Set(tools.map(({ metadata }) => metadata['gen_ai.tool.call.id']))).toEqual(
        new Set(['c1', 'c2', 'c3']),
      )
      const last = rest.at(-1)
      expect(last?.input).toMatchObject([
        { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
        { role: 'user', parts: [{ type: 'text', content: question }] },
        {
          role: 'assistant',
          parts: [
            { type: 'text', content: 'Let me look.' },
            { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } },
            { type: 'tool_call', id: 'c2' },
            { type: 'tool_call', id: 'c3' },
          ],
        },
        { role: 'tool', parts: [{ id: 'c1', response: { sky: 'sunny in Paris' } }] },
        { role: 'tool', parts: [{ id: 'c2' }] },
        { role: 'tool', parts: [{ id: 'c3', response: { time: 'noon' } }] },
      ])
      expect(last?.output).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: 'Sunny, at noon.' }] },
      ])
    },
  },
  {
    number: 2,
    title: 'a stream that is read to its end',
    turn: async (stage) => {
      const stream = await weatherAgent(stage).stream(question, call)
      const id = trulayerTraceId(stream, { client: stage.client })
      return { id, parts: (await drain(stream)).length }
    },
    trees: [CANONICAL],
    sessions: ['S'],
    check: ({ trace, value }) => {
      // Known before the stream is read.
      expect(value).toMatchObject({ id: trace.id })
    },
  },
  {
    number: 3,
    title: 'a stream whose reader goes away',
    turn: async (stage) => {
      const stream = await weatherAgent(stage).stream(question, call)
      for await (const text of stream.textStream) {
        expect(text).not.toBe('')
        break
      }
      await pause(300)
    },
    trees: [CANONICAL],
    sessions: ['S'],
  },
  {
    number: 4,
    title: 'a stream that nobody reads',
    turn: async ({ agent, mastra }) => {
      const support = agent('support', [{ text: 'Hello.' }])
      await mastra({ agents: { support } }).getAgent('support').stream('Hi', call)
      await pause(100)
    },
    isLeftOpen: true,
    isBilled: false,
    trees: ['support · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
  },
  {
    number: 5,
    title: 'a model that throws',
    turn: async ({ agent, mastra }) => {
      const error = Object.assign(new Error('401 bad key'), { name: 'APIError' })
      const support = agent('support', [{ error }])
      await mastra({ agents: { support } })
        .getAgent('support')
        .generate('Hi', { modelSettings: { maxRetries: 0 } })
    },
    trees: [
      'support · error (APIError: 401 bad key)\n└─ llm chat gpt-4o-mini · error (APIError: 401 bad key)',
    ],
  },
  {
    number: 6,
    title: 'an error in the stream of the second call',
    turn: async ({ agent, tool, mastra }) => {
      const support = agent(
        'support',
        [
          { tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] },
          { text: 'partial text', errorInStream: new Error('boom') },
        ],
        { tools: { weather: tool('weather', () => 'sunny') } },
      )
      const stream = await mastra({ agents: { support } })
        .getAgent('support')
        .stream('Hi', { modelSettings: { maxRetries: 0 } })
      await drain(stream)
    },
    trees: [
      `\
support · error (Error: boom) · 10 in, 5 out
├─ ${LLM}
├─ tool weather · ok
└─ llm chat gpt-4o-mini · error (Error: boom)`,
    ],
  },
  {
    number: 7,
    title: 'a tool that throws beside one that does not',
    turn: async ({ agent, tool, mastra }) => {
      const support = agent(
        'support',
        [
          {
            tools: [
              { id: 'c1', name: 'bad', args: { city: 'Paris' } },
              { id: 'c2', name: 'good', args: { city: 'Paris' } },
            ],
          },
          { text: 'done' },
        ],
        {
          tools: {
            bad: tool('bad', () => {
              throw new TypeError('tool exploded')
            }),
            good: tool('good', () => 1),
          },
        },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool bad · error (TypeError: tool exploded)
├─ tool good · ok
└─ ${LLM}`,
    ],
  },
  {
    number: 8,
    title: 'arguments that a tool refuses',
    turn: async ({ agent, tool, mastra }) => {
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'weather', args: { town: 1 } }] }, { text: 'done' }],
        { tools: { weather: tool('weather', () => 1) } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool weather · error (Error: Tool input validation failed)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'weather').input).toEqual({ town: 1 })
    },
  },
  {
    number: 8,
    title: 'a tool that does not exist',
    turn: async ({ agent, tool, mastra }) => {
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'nope', args: { city: 1 } }] }, { text: 'done' }],
        { tools: { weather: tool('weather', () => 1) } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool nope · error (Error: there is no tool nope)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'nope').input).toEqual({ city: 1 })
    },
  },
  {
    number: 9,
    title: 'an abort in the middle of a stream',
    turn: async ({ agent, mastra }) => {
      const support = agent('support', [{ text: 'one two three four five six', partDelay: 10 }])
      const controller = new AbortController()
      const stream = await mastra({ agents: { support } })
        .getAgent('support')
        .stream('Hi', { abortSignal: controller.signal })
      await drain(stream, (type) => {
        if (type === 'text-delta') {
          controller.abort()
        }
      }).catch(() => {})
      await pause(50)
    },
    trees: ['support · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    check: ({ trace }) => {
      // Before 1.45 the abort is not reported, and the turn stays incomplete.
      const reason = trace.status === 'cancelled' ? 'aborted' : undefined
      expect(trace.metadata['trulayer.reason']).toBe(reason)
    },
  },
  {
    number: 9,
    title: 'an abort during a tool that goes on',
    turn: async ({ agent, tool, mastra }) => {
      const controller = new AbortController()
      const slow = tool('slow', async () => {
        controller.abort()
        await pause(20)
        return 1
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'slow', args: { city: 'Paris' } }] }, { text: 'done' }],
        { tools: { slow } },
      )
      await mastra({ agents: { support } })
        .getAgent('support')
        .generate('Hi', { abortSignal: controller.signal })
        .catch(() => {})
      await pause(50)
    },
    trees: [
      `\
support · cancelled · 10 in, 5 out
├─ ${LLM}
├─ tool slow · ok
└─ llm chat gpt-4o-mini · cancelled`,
    ],
  },
  ...['generate', 'stream'].map((method): Scenario => ({
    number: 9,
    title: `a signal with a time limit, ${method}`,
    turn: async ({ agent, mastra }) => {
      const support = agent('support', [{ text: 'one two three', delay: 150 }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      const options = { abortSignal: AbortSignal.timeout(30) }
      await (
        method === 'generate'
          ? observed.generate('Hi', options)
          : observed.stream('Hi', options).then(drain)
      ).catch(() => {})
      await pause(100)
    },
    // Mastra does not report why it was aborted.
    trees: ['support · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    check: expectAborted,
  })),
  ...[
    { name: 'stepMs', message: 'Model call timed out after 30ms (modelSettings.timeout.stepMs)' },
    {
      name: 'firstChunkMs',
      message:
        'Model call timed out before first content after 30ms (modelSettings.timeout.firstChunkMs)',
    },
  ].map(({ name, message }): Scenario => ({
    number: 9,
    title: `the time limit ${name}`,
    turn: async ({ agent, mastra }) => {
      const support = agent('support', [{ text: 'one two three', delay: 150 }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      const options = { modelSettings: { timeout: { [name]: 30 } } }
      await observed
        .stream('Hi', options)
        .then(drain)
        .catch(() => {})
      await pause(200)
    },
    trees: [
      `support · error (TimeoutError: ${message})\n└─ llm chat gpt-4o-mini · error (TimeoutError: ${message})`,
    ],
    check: expectTimeout,
  })),
  {
    number: 9,
    title: 'the time limit totalMs',
    turn: async ({ agent, mastra }) => {
      const support = agent('support', [{ text: 'one two three', delay: 150 }])
      const observed = mastra({ agents: { support } }).getAgent('support')
      const options = { modelSettings: { timeout: { totalMs: 30 } } }
      await observed
        .stream('Hi', options)
        .then(drain)
        .catch(() => {})
      await pause(200)
    },
    // Mastra ends neither span.
    isLeftOpen: true,
    isBilled: false,
    trees: ['support · incomplete\n└─ llm chat gpt-4o-mini · incomplete'],
  },
  {
    number: 9,
    title: 'a tool with a time limit of its own',
    turn: async ({ agent, tool, mastra }) => {
      const crawl = tool('crawl', () => {
        const signal = AbortSignal.timeout(20)
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      })
      const support = agent(
        'support',
        [{ tools: [{ id: 'c1', name: 'crawl', args: { city: 'Paris' } }] }, { text: 'Sorry.' }],
        { tools: { crawl } },
      )
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool crawl · ${TIMED_OUT}\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(spanNamed(trace, 'crawl').metadata['trulayer.reason']).toBe('timeout')
    },
  },
  {
    number: 13,
    title: 'three turns of one agent at once',
    turn: async (stage) => {
      const support = weatherAgent(stage)
      await Promise.all(
        ['A', 'B', 'C'].map((sessionId) =>
          support.generate(question, { tracingOptions: { metadata: { sessionId } } }),
        ),
      )
    },
    trees: [CANONICAL, CANONICAL, CANONICAL],
    check: ({ traces }) => {
      expect(traces.map(({ sessionId }) => sessionId).toSorted()).toEqual(['A', 'B', 'C'])
    },
  },
  {
    number: 13,
    title: 'turns that no conversation is told of',
    turn: async ({ agent, mastra }) => {
      const support = mastra({
        agents: { support: agent('support', [{ text: 'Hello.' }]) },
      }).getAgent('support')
      await support.generate('Hi', { runId: 'run-1' })
      await support.generate('Hi', { runId: 'run-2' })
    },
    trees: [PLAIN, PLAIN],
    sessions: ['run-1', 'run-2'],
  },
  {
    number: 18,
    title: 'an answer that a second model brings into shape',
    turn: async ({ agent, model, mastra, set: { z } }) => {
      const support = agent('support', [{ text: 'the answer is 5' }])
      const answer = await mastra({ agents: { support } })
        .getAgent('support')
        .generate('Hi', {
          structuredOutput: {
            schema: z.object({ n: z.number() }),
            model: model([{ text: '{"n":5}', tokens: [77, 7] }], 'shaper'),
          },
        })
      return answer.object
    },
    trees: [
      `\
support · ok · 87 in, 12 out
├─ llm Structured Output · ok · 77 in, 7 out
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.output).toEqual({ n: 5 })
    },
  },
]
