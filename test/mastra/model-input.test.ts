import { isDeepStrictEqual } from 'node:util'

import { describe, expect, test } from 'vitest'

import {
  type ProviderPlan,
  type ProviderReply,
  startProviderServer,
} from '../support/provider-server.ts'
import { type ScriptedAnswer, ScriptedModel } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'
import { drain, play, type Stage } from './play.ts'

const set = await loadSet(setName)
const [major, minor] = setName === 'newest' ? [1, 99] : setName.slice(5).split('.').map(Number)
const version = (major ?? 0) * 100 + (minor ?? 0)

/** A model as Mastra's own client of a provider takes it. */
interface LocalModel {
  readonly id: string
  readonly url: string
  readonly apiKey: string
}

/** A turn whose model is a provider on this machine, which gets what Mastra sends. */
interface PromptCase {
  readonly title: string
  /** The first version that can have it, as 100 times the major plus the minor. */
  readonly since?: number
  /** The last one that can. */
  readonly until?: number
  readonly replies: ProviderPlan
  readonly turn: (stage: Stage, model: LocalModel) => Promise<unknown>
  /** What the model has to have got somewhere. */
  readonly sent: readonly string[]
  /** What it must not have got. */
  readonly notSent?: readonly string[]
}

const look = (...ids: readonly string[]): ProviderReply => ({
  toolCalls: ids.map((id) => ({ id, name: 'look', arguments: { city: id } })),
  tokens: { fresh: 10, answer: 5 },
})
const final: ProviderReply = { text: 'Done.', tokens: { fresh: 10, answer: 5 } }

function lookAgent({ agent, tool, mastra }: Stage, model: LocalModel, options?: object) {
  const tools = { look: tool('look', ({ city }) => ({ found: `secret of ${String(city)}` })) }
  const support = agent('support', [], { model, tools, ...options })
  return mastra({ agents: { support } }).getAgent('support')
}

/* A turn that waits for an approval of each call. */
async function approving({ agent, tool, mastra }: Stage, model: LocalModel, ...ids: string[]) {
  const execute = ({ city }: { readonly city?: unknown }) => ({
    found: `secret of ${String(city)}`,
  })
  const tools = { look: tool('look', execute, { requireApproval: true }) }
  const support = agent('support', [], { model, tools })
  const observed = mastra({ agents: { support } }).getAgent('support')
  const stream = await observed.stream('Pay the bill')
  await drain(stream)
  for (const toolCallId of ids) {
    await drain(await observed.approveToolCall({ runId: stream.runId, toolCallId }))
  }
}

const PICTURE = `data:image/png;base64,${Buffer.alloc(600, 7).toString('base64')}`

interface StepContext {
  readonly stepNumber: number
  readonly messages: readonly {
    readonly id: string
    readonly content: {
      readonly parts: readonly { readonly toolInvocation?: { readonly toolCallId: string } }[]
    }
  }[]
  readonly messageList: {
    addSystem(message: object): void
    removeByIds(ids: readonly string[]): void
  }
}

const summary = {
  id: 'summary',
  role: 'user',
  createdAt: new Date(),
  content: { format: 2, parts: [{ type: 'text', text: 'Summary of everything so far.' }] },
}

const cases: readonly PromptCase[] = [
  {
    title: 'a loop of three calls',
    replies: [look('c1', 'c2'), { ...look('c3'), text: 'One more.' }, final],
    turn: async (stage, model) => (await lookAgent(stage, model).generate('Hi')).text,
    sent: ['secret of c1', 'secret of c2', 'secret of c3', 'One more.'],
  },
  {
    title: 'calls of one id, which Mastra joins',
    replies: [
      {
        ...look(),
        toolCalls: ['Paris', 'Berlin'].map((city) => ({
          id: 'c1',
          name: 'look',
          arguments: { city },
        })),
      },
      final,
    ],
    turn: async (stage, model) => (await lookAgent(stage, model).generate('Hi')).text,
    sent: ['secret of Berlin'],
  },
  {
    title: 'a tool that throws',
    replies: [look('c1'), final],
    turn: async ({ agent, tool, mastra }, model) => {
      const tools = {
        look: tool('look', () => {
          throw new TypeError('tool exploded')
        }),
      }
      const support = agent('support', [], { model, tools })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    sent: ['tool exploded'],
  },
  {
    title: 'arguments that a tool refuses',
    replies: [
      { ...look(), toolCalls: [{ id: 'c1', name: 'look', arguments: { town: 1 } }] },
      final,
    ],
    turn: async (stage, model) => (await lookAgent(stage, model).generate('Hi')).text,
    sent: ['validation failed'],
  },
  {
    title: 'a result that is a text',
    replies: [look('c1'), final],
    turn: async ({ agent, tool, mastra }, model) => {
      const tools = { look: tool('look', () => 'a text') }
      const support = agent('support', [], { model, tools })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    sent: ['a text'],
  },
  {
    title: 'a system message that a processor adds for each step',
    since: 100,
    replies: [look('c1'), final],
    turn: async (stage, model) => {
      const policy = {
        id: 'policy',
        name: 'policy',
        processInputStep: ({ messageList, stepNumber }: StepContext) => {
          messageList.addSystem({ role: 'system', content: `Policy of step ${stepNumber}` })
          return messageList
        },
      }
      const support = lookAgent(stage, model, { inputProcessors: [policy] })
      return await drain(await support.stream('Hi'))
    },
    sent: ['Policy of step 0', 'Policy of step 1', 'secret of c1'],
  },
  {
    title: 'messages that a processor drops for the steps that follow',
    since: 100,
    replies: [look('c1'), look('c2'), look('c3'), final],
    turn: async (stage, model) => {
      const trim = {
        id: 'trim',
        name: 'trim',
        processInputStep: ({ messageList, messages, stepNumber }: StepContext) => {
          if (stepNumber === 3) {
            messageList.removeByIds(messages.slice(0, 1).map(({ id }) => id))
          }
          return messageList
        },
      }
      const support = lookAgent(stage, model, { inputProcessors: [trim] })
      return (await support.generate('An old question', { maxSteps: 5 })).text
    },
    sent: ['An old question', 'secret of c3'],
  },
  {
    title: 'messages that prepareStep puts in place of others',
    replies: [look('c1'), look('c2'), final],
    turn: async (stage, model) => {
      const prepareStep = ({ stepNumber }: StepContext) =>
        stepNumber === 1 ? { messages: [summary] } : undefined
      return (await lookAgent(stage, model).generate('Hi', { prepareStep })).text
    },
    sent: ['Summary of everything so far.', 'secret of c2'],
  },
  {
    title: 'what a tool shows the model of its result',
    replies: [look('c1', 'c2'), final],
    turn: async ({ agent, tool, mastra, set: { z } }, model) => {
      const shown = tool('look', ({ city }) => ({ name: 'raw name', city }), {
        inputSchema: z.object({ city: z.string() }),
        toModelOutput: (result: { city?: unknown }) => ({
          type: 'text',
          value: `a person in ${String(result.city)}`,
        }),
      })
      const support = agent('support', [], { model, tools: { look: shown } })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    since: 130,
    sent: ['a person in c1', 'a person in c2'],
    notSent: ['raw name'],
  },
  {
    title: 'what a tool shows the model as data',
    replies: [look('c1'), look('c2'), final],
    turn: async ({ agent, tool, mastra }, model) => {
      const shown = tool('look', () => ({ name: 'raw name' }), {
        toModelOutput: () => ({ type: 'json', value: { shown: ['some', 'data'] } }),
      })
      const support = agent('support', [], { model, tools: { look: shown } })
      return (await mastra({ agents: { support } }).getAgent('support').generate('Hi')).text
    },
    since: 130,
    sent: ['{"shown":["some","data"]}'],
    notSent: ['raw name'],
  },
  {
    title: 'what an agent sees of another one',
    replies: ({ body }, index) => {
      const toolCalls = [{ id: 'c1', name: 'agent-sub', arguments: { prompt: 'go' } }]
      const reply = body['model'] === 'sub' ? { ...final, text: 'It is sunny.' } : final
      return index === 0 ? { ...reply, toolCalls } : reply
    },
    turn: async ({ agent, mastra }, model) => {
      const sub = agent('sub', [], { model: { ...model, id: 'local/sub' }, description: 'Weather' })
      const support = agent('support', [], { model, agents: { sub } })
      return (await mastra({ agents: { support, sub } }).getAgent('support').generate('Hi')).text
    },
    since: 130,
    // Before 1.45 the model is shown everything that the other agent returns.
    sent: [version >= 145 ? '"response":"It is sunny."' : 'It is sunny.'],
    notSent: version >= 145 ? ['subAgentToolResults'] : [],
  },
  {
    title: 'a history with the call of a tool',
    replies: [look('c1'), final],
    turn: async (stage, model) => {
      const history = [
        { role: 'user', content: 'An earlier question' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Wait.' },
            { type: 'tool-call', toolCallId: 'h1', toolName: 'look', input: { city: 'h1' } },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'h1',
              toolName: 'look',
              output: { type: 'json', value: { found: 'an earlier result' } },
            },
          ],
        },
        { role: 'assistant', content: 'An earlier answer' },
        { role: 'user', content: 'And now?' },
      ]
      return (await lookAgent(stage, model).generate(history)).text
    },
    sent: ['an earlier result', 'secret of c1'],
  },
  {
    title: 'an image beside a message that a processor adds',
    since: 130,
    replies: [look('c1'), final],
    turn: async (stage, model) => {
      const policy = {
        id: 'policy',
        name: 'policy',
        processInputStep: ({ messageList }: StepContext) => {
          messageList.addSystem({ role: 'system', content: 'Never speak of prices.' })
          return messageList
        },
      }
      const content = [
        { type: 'text', text: 'What is this?' },
        { type: 'image', image: PICTURE, mimeType: 'image/png' },
      ]
      const support = lookAgent(stage, model, { inputProcessors: [policy] })
      return (await support.generate([{ role: 'user', content }])).text
    },
    sent: ['Never speak of prices.', '"bytes":'],
  },
  {
    title: 'calls of which a processor drops some',
    since: 130,
    replies: [look('c1', 'c2'), final],
    turn: async (stage, model) => {
      const dropFirst = {
        id: 'drop',
        name: 'drop',
        processInputStep: ({ messages }: StepContext) => ({
          messages: messages.map((message) => ({
            ...message,
            content: {
              ...message.content,
              parts: message.content.parts.filter(
                ({ toolInvocation }) => toolInvocation?.toolCallId !== 'c1',
              ),
            },
          })),
        }),
      }
      const support = lookAgent(stage, model, { inputProcessors: [dropFirst] })
      return (await support.generate('Hi')).text
    },
    sent: ['secret of c2'],
    notSent: ['secret of c1'],
  },
  {
    title: 'a turn that goes on once a tool is approved',
    replies: [look('c1'), final],
    turn: (stage, model) => approving(stage, model, 'c1'),
    sent: ['Pay the bill', 'secret of c1'],
  },
  {
    // Later Mastra reports that a turn waits: its trace leaves, and its content is not kept.
    title: 'a turn that goes on twice',
    until: 130,
    replies: [look('c1'), { ...look('c2'), text: 'Another one.' }, final],
    turn: (stage, model) => approving(stage, model, 'c1', 'c2'),
    sent: ['Pay the bill', 'secret of c1', 'secret of c2'],
  },
]

const present = cases.filter(
  ({ since = 0, until = Infinity }) => since <= version && version <= until,
)

describe(`the input of a model span on ${setName} is what the provider got`, () => {
  test.each(present)('$title', async ({ replies, turn, sent, notSent = [] }) => {
    let prompts: unknown[][] = []
    const played = await play(set, {
      number: 0,
      title: '',
      trees: [],
      turn: async (stage) => {
        await using server = await startProviderServer(replies)
        const model = { id: 'local/gpt-4o-mini', url: server.baseUrl, apiKey: 'key' }
        const value = await turn(stage, model)
        prompts = server.requests.map(({ body }) => toMessages(body['messages']))
        return value
      },
    })
    const spans = played.traces
      .flatMap((trace) => trace.spans.filter(({ type }) => type === 'llm'))
      .toSorted((one, other) => one.startedAt - other.startedAt)
    const asked = spans.filter(({ metadata }) => metadata['trulayer.synthetic'] !== true)
    expect(asked.map(({ input }) => input)).toEqual(prompts)
    // After an approval Mastra repeats the call that asked for the tool.
    const repeated = spans.find((span) => !asked.includes(span))
    expect(repeated?.input ?? prompts[0]).toEqual(prompts[0])
    const all = JSON.stringify(prompts)
    expect(sent.filter((text) => !all.includes(text))).toEqual([])
    expect(notSent.filter((text) => all.includes(text))).toEqual([])
    expect(isDeepStrictEqual(prompts[0], prompts[1])).toBe(false)
  })
})

/* Later versions do not read the request. */
test.each(version <= 130 ? (['generate', 'stream'] as const) : [])(
  `a provider on ${setName} that is sent the system prompt apart: %s`,
  async (method) => {
    const played = await play(set, {
      number: 0,
      title: '',
      trees: [],
      turn: async ({ agent, mastra }) => {
        const support = agent('support', [], { model: new SystemApart([{ text: 'Done.' }]) })
        const observed = mastra({ agents: { support } }).getAgent('support')
        return method === 'stream'
          ? await drain(await observed.stream('Hi'))
          : (await observed.generate('Hi')).text
      },
    })
    expect(played.trace.spans[0]?.input).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
      { role: 'user', parts: [{ type: 'text', content: 'Sent to the provider.' }] },
    ])
  },
)

/* Sends what Anthropic takes, and something else than it was given, which only the request shows. */
class SystemApart extends ScriptedModel {
  readonly #request = {
    body: {
      system: [{ type: 'text', text: 'Be kind.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Sent to the provider.' }] }],
    },
  }

  constructor(script: readonly ScriptedAnswer[]) {
    super(script, { provider: 'anthropic.messages' })
  }

  override async doGenerate(options: object) {
    return { ...(await super.doGenerate(options)), request: this.#request }
  }

  override async doStream(options: object) {
    return { ...(await super.doStream(options)), request: this.#request }
  }
}

interface WirePart {
  readonly text?: string
  readonly image_url?: { readonly url: string }
}

interface WireMessage {
  readonly role: string
  readonly content?: string | readonly WirePart[] | null
  readonly tool_call_id?: string
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
}

/* What the provider got, in the shape of a span's input. */
function toMessages(wire: unknown): unknown[] {
  return (wire as WireMessage[]).map(({ role, content, tool_call_id: id, tool_calls: calls }) => {
    const text = typeof content === 'string' ? content : content?.map((part) => part.text).join('')
    if (role === 'tool') {
      return { role, parts: [{ type: 'tool_call_response', id, response: parse(text ?? '') }] }
    }
    return {
      role,
      parts: [
        ...(text === undefined || text === '' ? [] : [{ type: 'text', content: text }]),
        ...(typeof content === 'string' ? [] : (content ?? [])).flatMap(({ image_url: image }) =>
          image === undefined ? [] : [{ type: 'blob', mime_type: 'image/png', bytes: 600 }],
        ),
        ...(calls ?? []).map(({ id: callId, function: { name, arguments: given } }) => ({
          type: 'tool_call',
          id: callId,
          name,
          arguments: parse(given),
        })),
      ],
    }
  })
}

function parse(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : text
}
