import { attributes } from '@trulayer/core/internal'
import { expect } from 'vitest'

import type { Script, ScriptedAnswer } from '../../support/llamaindex-scripted-model.ts'
import type { Agent } from '../frameworks.ts'
import { drain, type Scenario, spanNamed, type Stage } from '../play.ts'
import { LLM } from './queries.ts'

const call = (id: string, name: string, args: object) => ({ id, name, args })
const weatherCall = (id: string, city: string) => call(id, 'weather', { city })

/* What the client of OpenAI throws. */
const TIMED_OUT = new Error('Request timed out.')

/* Never resolves. */
function untilTooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    const signal = AbortSignal.timeout(20)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

const THREE_TOOLS: readonly ScriptedAnswer[] = [
  {
    text: 'Let me look.',
    tools: [weatherCall('c1', 'Paris'), weatherCall('c2', 'Rome'), weatherCall('c3', 'Bonn')],
    tokens: [100, 20],
  },
  { text: 'Sunny everywhere.', tokens: [150, 10] },
]

const CANONICAL = `\
support · ok · 250 in, 30 out
├─ llm chat gpt-4o-mini · ok · 100 in, 20 out
├─ tool weather · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o-mini · ok · 150 in, 10 out`

function weather({ tool }: Stage): object {
  return tool('weather', async ({ city }) => {
    if (city === 'Atlantis') {
      throw new RangeError('no such city')
    }
    return `sunny in ${city}`
  })
}

function unwrapped(stage: Stage, script: Script): Agent {
  return stage.set.agent({ llm: stage.model(script), tools: [weather(stage)] })
}

/* A trace of one call. */
function alone(line: string): string {
  return `${line}\n└─ llm ${line}`
}

const CHAT = alone('chat gpt-4o-mini · ok · 10 in, 5 out')

async function resultOf(agent: Agent): Promise<unknown> {
  return (await agent.run('Weather?')).data.result
}

/* A run whose model throws never settles since workflow 1.1: all that there is then is an unhandled rejection. */
async function outcomeOf(agent: Agent): Promise<string> {
  let tell: (() => void) | undefined
  const isLost = new Promise<string>((resolve) => {
    tell = () => resolve('never settles')
    process.once('unhandledRejection', tell)
  })
  const run = (async () => {
    try {
      return String(await resultOf(agent))
    } catch (error) {
      return String(error)
    }
  })()
  const outcome = await Promise.race([run, isLost])
  process.off('unhandledRejection', tell ?? (() => {}))
  return outcome
}

/** Agents, of workflows and of old. */
export const agents: readonly Scenario[] = [
  {
    number: 6,
    title: 'a gateway that reports what a call cost',
    turn: (stage) =>
      resultOf(
        stage.agent('support', [{ text: 'Sunny.', cost: 0.002 }], { tools: [weather(stage)] }),
      ),
    trees: [`support · ok · 10 in, 5 out\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.spans[0]?.cost).toBe(0.002)
    },
  },
  {
    number: 9,
    title: 'tools that answer as an MCP server does',
    turn: (stage) => {
      const data = Buffer.alloc(3000, 7).toString('base64')
      const image = { content: [{ type: 'image', data, mimeType: 'image/png' }] }
      const failed = { content: [{ type: 'text', text: 'EACCES' }], isError: true }
      return resultOf(
        stage.agent(
          'support',
          [{ tools: [call('c1', 'look', {}), call('c2', 'remove', {})] }, { text: 'done' }],
          {
            tools: [
              stage.tool('look', async () => image),
              stage.tool('remove', async () => failed),
            ],
          },
        ),
      )
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
      const blob = { type: 'blob', mime_type: 'image/png', bytes: 3000 }
      expect(spanNamed(trace, 'look').output).toEqual({ content: [blob] })
      expect(JSON.stringify(trace)).not.toContain('BwcHBwcHBwcHBwcHBwcHBwcH')
    },
  },
  {
    number: 6,
    title: 'two calls and three tools',
    turn: (stage) => resultOf(stage.agent('support', THREE_TOOLS, { tools: [weather(stage)] })),
    trees: [CANONICAL],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: 'Weather?', output: 'Sunny everywhere.' })
      expect(trace.metadata[attributes.agentName]).toBe('support')
      const [first, tool, , , last] = trace.spans
      expect(first).toMatchObject({
        metadata: {
          [attributes.toolDefinitions]: [
            {
              type: 'function',
              name: 'weather',
              description: expect.any(String),
              parameters: { type: 'object' },
            },
          ],
        },
        output: [
          {
            role: 'assistant',
            parts: [
              { type: 'text', content: 'Let me look.' },
              { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } },
              { type: 'tool_call', id: 'c2' },
              { type: 'tool_call', id: 'c3' },
            ],
          },
        ],
      })
      expect(tool).toMatchObject({
        input: { city: 'Paris' },
        output: 'sunny in Paris',
        metadata: { [attributes.toolCallId]: 'c1' },
      })
      expect(last?.input).toMatchObject([
        { role: 'system' },
        { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
        { role: 'assistant', parts: [{ type: 'text' }, { id: 'c1' }, { id: 'c2' }, { id: 'c3' }] },
        {
          role: 'tool',
          parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny in Paris' }],
        },
        { role: 'tool' },
        { role: 'tool' },
      ])
    },
  },
  {
    number: 6,
    title: 'an agent without a name on a model that is not wrapped',
    turn: (stage) => {
      const { set, tl, model } = stage
      return resultOf(tl.agent(set.agent({ llm: model(THREE_TOOLS), tools: [weather(stage)] })))
    },
    trees: [CANONICAL.replace('support', 'agent')],
  },
  {
    number: 6,
    title: 'one agent, two turns at once',
    turn: (stage) => {
      const agent = stage.agent('support', THREE_TOOLS, { tools: [weather(stage)] })
      return Promise.all([resultOf(agent), resultOf(agent)])
    },
    trees: [CANONICAL, CANONICAL],
  },
  {
    number: 6,
    title: 'an agent that is read as a stream',
    turn: async (stage) => {
      const agent = stage.agent('support', THREE_TOOLS, { tools: [weather(stage)] })
      const stream =
        agent.runStream?.('Weather?') ??
        (agent.run('Weather?') as unknown as AsyncIterable<unknown>)
      const events: unknown[] = []
      for await (const event of stream) {
        events.push(event)
      }
      return events.length
    },
    trees: [CANONICAL],
  },
  {
    number: 6,
    title: 'an agent whose stream a turn hands on',
    turn: async (stage) => {
      const agent = stage.agent('support', THREE_TOOLS, { tools: [weather(stage)] })
      const stream = await stage.tl.run({ name: 'turn' }, () => agent.runStream?.('Weather?'))
      return (await stream?.toArray())?.length
    },
    trees: [
      `\
turn · ok · 250 in, 30 out
└─ other support · ok
   ├─ llm chat gpt-4o-mini · ok · 100 in, 20 out
   ├─ tool weather · ok
   ├─ tool weather · ok
   ├─ tool weather · ok
   └─ llm chat gpt-4o-mini · ok · 150 in, 10 out`,
    ],
  },
  {
    number: 6,
    title: 'an agent in a turn, without being wrapped',
    turn: (stage) => {
      const { set, tl, model } = stage
      const agent = set.agent({ llm: model(THREE_TOOLS), tools: [weather(stage)] })
      return tl.run({ name: 'turn' }, () => resultOf(agent))
    },
    trees: [CANONICAL.replace('support', 'turn')],
    check: ({ trace }) => {
      expect(trace.output).toBe('Sunny everywhere.')
      expect(trace.spans[1]).toMatchObject({ output: 'sunny in Paris' })
    },
  },
  {
    number: 6,
    title: 'an agent that is not wrapped',
    turn: (stage) => resultOf(unwrapped(stage, THREE_TOOLS)),
    trees: [
      alone('chat gpt-4o-mini · ok · 100 in, 20 out'),
      ...Array<string>(3).fill('weather · ok\n└─ tool weather · ok'),
      alone('chat gpt-4o-mini · ok · 150 in, 10 out'),
    ],
    check: ({ traces }) => {
      expect(traces[1]).toMatchObject({ input: { city: 'Paris' }, output: 'sunny in Paris' })
    },
  },
  {
    number: 6,
    title: 'two agents at once that are not wrapped, with calls of one id',
    turn: (stage) =>
      Promise.all(
        ['Paris', 'Atlantis'].map((city) =>
          resultOf(
            unwrapped(stage, [
              { tools: [weatherCall('c1', city), weatherCall('c2', 'Atlantis')] },
              { text: 'Done.' },
            ]),
          ),
        ),
      ),
    trees: [
      ...Array<string>(2).fill(CHAT),
      'weather · ok\n└─ tool weather · ok',
      ...Array<string>(3).fill(
        'weather · error (RangeError: no such city)\n└─ tool weather · error (RangeError: no such city)',
      ),
      ...Array<string>(2).fill(CHAT),
    ],
    check: ({ traces }) => {
      const ok = traces.filter(({ name, status }) => name === 'weather' && status === 'ok')
      expect(ok).toMatchObject([{ input: { city: 'Paris' }, output: 'sunny in Paris' }])
    },
  },
  {
    number: 6,
    title: 'an agent in a trace of the host, without being wrapped',
    turn: (stage) =>
      stage.client.trace('turn', () =>
        resultOf(
          unwrapped(stage, [
            { tools: [weatherCall('c1', 'Paris'), weatherCall('c2', 'Atlantis')] },
            { text: 'Done.' },
          ]),
        ),
      ),
    trees: [
      `\
turn · ok · 20 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · error (RangeError: no such city)
└─ ${LLM}`,
    ],
  },
  {
    number: 6,
    title: 'an agent whose answer is brought into a shape',
    turn: async (stage) => {
      const { z } = stage.set
      const answer = { tools: [call('f1', 'format_output', { city: 'Paris' })] }
      const agent = stage.agent(
        'support',
        (prompt) => (prompt === 'Paris it is.' ? answer : { text: 'Paris it is.' }),
        { tools: [weather(stage)] },
      )
      const responseFormat = z.object({ city: z.string() })
      const { data } = await agent.run('Where?', { responseFormat })
      return (data as { readonly object?: unknown }).object
    },
    trees: [`support · ok · 20 in, 10 out\n├─ ${LLM}\n└─ ${LLM}`],
    check: ({ trace }) => {
      expect(trace.output).toEqual({ city: 'Paris' })
    },
  },
  {
    number: 7,
    title: 'a tool that is a query engine',
    turn: async (stage) => {
      const { set, llm, index } = stage
      set.Settings.llm = llm([{ text: 'Paris' }], { name: 'rag-model' })
      const queryEngine = (await index()).asQueryEngine()
      const kb = new set.QueryEngineTool({
        queryEngine,
        metadata: { name: 'kb', description: 'kb' },
      })
      const script = [{ tools: [call('c1', 'kb', { query: 'The capital?' })] }, { text: 'Paris.' }]
      return resultOf(stage.agent('support', script, { tools: [kb] }))
    },
    trees: [
      `\
support · ok · 30 in, 15 out
├─ ${LLM}
├─ tool kb · ok
│  ├─ retrieval retrieve · ok
│  └─ llm chat rag-model · ok · 10 in, 5 out
└─ ${LLM}`,
    ],
  },
  {
    number: 8,
    title: 'a tool that throws',
    turn: (stage) => {
      const script = [{ tools: [weatherCall('c1', 'Atlantis')] }, { text: 'There is none.' }]
      return resultOf(stage.agent('support', script, { tools: [weather(stage)] }))
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool weather · error (RangeError: no such city)
└─ ${LLM}`,
    ],
  },
  {
    number: 8,
    title: 'a tool with a time limit of its own',
    turn: (stage) => {
      const crawl = stage.tool('crawl', untilTooLate)
      const script = [
        { tools: [call('c1', 'crawl', { city: 'Paris' })] },
        { text: 'It takes too long.' },
      ]
      return resultOf(stage.agent('support', script, { tools: [crawl] }))
    },
    trees: [
      `\
support · ok · 20 in, 10 out
├─ ${LLM}
├─ tool crawl · error (TimeoutError: The operation was aborted due to timeout)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.spans[1]?.metadata[attributes.reason]).toBe('timeout')
    },
  },
  {
    number: 9,
    title: 'a model whose time limit fires in an agent',
    turn: (stage) =>
      outcomeOf(stage.agent('support', [{ error: TIMED_OUT }], { tools: [weather(stage)] })),
    trees: [
      'support · error (TimeoutError: Request timed out.)\n└─ llm chat gpt-4o-mini · error (TimeoutError: Request timed out.)',
    ],
    unhandled: ['Request timed out.'],
    check: ({ trace }) => {
      expect(trace.metadata[attributes.reason]).toBe('timeout')
    },
  },
  {
    number: 9,
    title: 'a model that throws in an agent',
    turn: (stage) =>
      outcomeOf(
        stage.agent('support', [{ error: new TypeError('401') }], { tools: [weather(stage)] }),
      ),
    trees: ['support · error (TypeError: 401)\n└─ llm chat gpt-4o-mini · error (TypeError: 401)'],
    unhandled: ['401'],
  },
  {
    number: 9,
    title: 'a model that throws in an agent, by events alone',
    turn: (stage) => {
      const { set, tl, model } = stage
      const llm = model([{ error: new TypeError('401') }])
      return outcomeOf(tl.agent(set.agent({ name: 'support', llm, tools: [weather(stage)] })))
    },
    trees: ['support · error (TypeError: 401)\n└─ llm chat gpt-4o-mini · error (TypeError: 401)'],
    unhandled: ['401'],
  },
  {
    number: 9,
    title: 'a tool that the agent does not have',
    turn: (stage) =>
      outcomeOf(
        stage.agent('support', [{ tools: [call('c1', 'fly', {})] }], { tools: [weather(stage)] }),
      ),
    // The agent stops reading the model's answer at the name.
    trees: ['support · error (Error: Tools not found: fly)\n└─ llm chat gpt-4o-mini · cancelled'],
    unhandled: ['Tools not found: fly'],
    isBilled: false,
  },
  {
    number: 10,
    title: 'an agent that hands over to another',
    turn: (stage) => {
      const { set, llm, tl } = stage
      const tools = [weather(stage)]
      const expert = set.agent({
        name: 'expert',
        description: 'knows',
        llm: llm([{ text: 'I know.' }], { name: 'model-b' }),
        tools,
      })
      const script = [{ tools: [call('c1', 'handOff', { toAgent: 'expert', reason: 'knows' })] }]
      const front = set.agent({
        name: 'front',
        description: 'asks',
        llm: llm(script, { name: 'model-a' }),
        tools,
        canHandoffTo: [expert],
      })
      return resultOf(tl.agent(set.multiAgent({ agents: [front, expert], rootAgent: front })))
    },
    trees: [
      `\
front · ok · 20 in, 10 out
├─ llm chat model-a · ok · 10 in, 5 out
├─ tool handOff · ok
└─ llm chat model-b · ok · 10 in, 5 out`,
    ],
    check: ({ trace }) => {
      expect(trace.output).toBe('I know.')
      expect(spanNamed(trace, 'handOff').metadata[attributes.handoffTo]).toBe('expert')
    },
  },
  {
    number: 10,
    title: 'an agent inside a tool of another',
    turn: (stage) => {
      const sub = stage.agent('sub', [{ text: 'Deep.' }], { tools: [weather(stage)] })
      const ask = stage.tool('ask', async () => String(await resultOf(sub)))
      const script = [
        { tools: [call('c1', 'ask', { city: 'a' }), call('c2', 'ask', { city: 'b' })] },
        { text: 'Done.' },
      ]
      return resultOf(stage.agent('support', script, { tools: [ask] }))
    },
    trees: [
      `\
support · ok · 40 in, 20 out
├─ ${LLM}
├─ tool ask · ok
│  └─ other sub · ok
│     └─ ${LLM}
├─ tool ask · ok
│  └─ other sub · ok
│     └─ ${LLM}
└─ ${LLM}`,
    ],
  },
  ...[true, false].map((isWrapped): Scenario => ({
    number: 12,
    title: `an agent of old, ${isWrapped ? 'wrapped' : 'by events alone'}`,
    turn: async (stage) => {
      const { set, tl, llm, model } = stage
      const script = [
        { tools: [weatherCall('c1', 'Paris'), weatherCall('c2', 'Atlantis')] },
        { text: 'Sunny.' },
      ]
      const tools = [weather(stage)]
      const agent = isWrapped
        ? tl.agent(new set.LLMAgent({ llm: llm(script), tools }))
        : new set.LLMAgent({ llm: model(script), tools })
      return (await agent.chat({ message: 'Weather?' })).message
    },
    trees: [
      `\
agent · ok · 20 in, 10 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · error (RangeError: no such city)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace).toMatchObject({ input: 'Weather?', output: 'Sunny.' })
    },
  })),
  // The agent of a workflow keeps its calls by their ids, and executes one of each.
  ...['c1', ''].map((id): Scenario => ({
    number: 8,
    title: `calls of one id${id === '' ? ', which is empty' : ''}`,
    turn: async ({ set, model, tool }) => {
      const script = [
        { tools: ['Paris', 'Atlantis', 'Rome'].map((city) => weatherCall(id, city)) },
        { tools: [weatherCall(id, 'Atlantis')] },
        { text: 'Sunny.' },
      ]
      const slow = tool('weather', async ({ city }) => {
        await new Promise((resolve) => {
          setTimeout(resolve, city === 'Paris' ? 12 : 3)
        })
        if (city === 'Atlantis') {
          throw new RangeError('no such city')
        }
        return `sunny in ${city}`
      })
      const agent = new set.LLMAgent({ llm: model(script), tools: [slow] })
      return (await agent.chat({ message: 'Weather?' })).message
    },
    trees: [
      `\
agent · ok · 30 in, 15 out
├─ ${LLM}
├─ tool weather · ok
├─ tool weather · error (RangeError: no such city)
├─ tool weather · ok
├─ ${LLM}
├─ tool weather · error (RangeError: no such city)
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      const tools = trace.spans.filter(({ type }) => type === 'tool')
      expect(tools.map(({ input, output }) => [input, output])).toEqual([
        [{ city: 'Paris' }, 'sunny in Paris'],
        [{ city: 'Atlantis' }, undefined],
        [{ city: 'Rome' }, 'sunny in Rome'],
        [{ city: 'Atlantis' }, undefined],
      ])
    },
  })),
  {
    number: 12,
    title: 'an agent of old that is read as a stream',
    turn: async (stage) => {
      const { set, tl, llm } = stage
      // One that says something first would be taken for done.
      const script = [{ ...THREE_TOOLS[0], text: '' }, ...THREE_TOOLS.slice(1)]
      const agent = tl.agent(new set.LLMAgent({ llm: llm(script), tools: [weather(stage)] }))
      return drain(await agent.chat({ message: 'Weather?', stream: true }))
    },
    trees: [CANONICAL.replace('support', 'agent')],
    check: ({ trace }) => {
      expect(trace.output).toBe('Sunny everywhere.')
    },
  },
]
