import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { canonicalModel, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { scriptedModel } from '../../../test/support/ai-sdk-scripted-model.ts'
import { type AI, bothWays, pause, readAll, recording } from './support.ts'

const prompt = 'What is the weather in Paris and Berlin, and 2 + 3?'
const city = z.object({ city: z.string() })

/* A turn of one call of the tool `look`, and then an answer. */
function lookModel(delay?: number) {
  return scriptedModel([
    { toolCalls: [{ id: 'call_0', name: 'look', input: { city: 'Rome' } }], delay },
    { text: ['It is ', 'fine.'], delay },
  ])
}

async function look(sdk: AI, tool: object) {
  const { text, steps } = await sdk.generateText({
    model: lookModel(),
    tools: { look: tool as ReturnType<AI['dynamicTool']> },
    stopWhen: sdk.isStepCount(3),
    prompt,
  })
  return { text, content: steps.map((step) => step.content) }
}

const LOOK_TREE = `generateText · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool look · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

const FAILING_TREE = (name: string): string => `${name} · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · error (Error: no such city)
├─ tool weather · error (Error: no such city)
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

describe('a tool that throws', () => {
  const failing = (mistake: Error) => ({
    weather: { ...canonicalTools.weather, execute: () => Promise.reject(mistake) },
    calculator: canonicalTools.calculator,
  })

  test('is an error in a turn that goes on', async () => {
    const mistake = new Error('no such city')
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const { text, steps } = await sdk.generateText({
        model: canonicalModel(),
        tools: failing(mistake),
        stopWhen: sdk.isStepCount(4),
        prompt,
      })
      return { text, content: steps.map((step) => step.content) }
    })
    expect(tree).toBe(FAILING_TREE('generateText'))
    expect(seen).toEqual(bare)
    const [part] = seen.content[0]?.filter(({ type }) => type === 'tool-error') ?? []
    expect(part).toMatchObject({ error: mistake })
  })

  test('at once, and not as a promise, is the same', async () => {
    const { seen, bare, tree } = await bothWays((sdk) =>
      look(sdk, {
        inputSchema: city,
        execute: () => {
          throw new TypeError('no such city')
        },
      }),
    )
    expect(tree).toBe(LOOK_TREE.replace('look · ok', 'look · error (TypeError: no such city)'))
    expect(seen).toEqual(bare)
  })

  test('in a stream is the same', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = sdk.streamText({
        model: canonicalModel({ delay: 1 }),
        tools: failing(new Error('no such city')),
        stopWhen: sdk.isStepCount(4),
        prompt,
      })
      return readAll(result.fullStream)
    })
    expect(tree).toBe(FAILING_TREE('streamText'))
    expect(seen).toEqual(bare)
  })
})

describe('a tool that yields preliminary results', () => {
  test.each([undefined, 1])(
    'gives all of them to the program, with a delay of %s',
    async (delay) => {
      const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
        const inside: string[] = []
        const result = sdk.streamText({
          model: lookModel(delay),
          tools: {
            look: sdk.tool({
              inputSchema: city,
              async *execute({ city: name }) {
                yield `looking at ${name}`
                await pause(2)
                const { text } = await sdk.generateText({
                  model: scriptedModel([{ text: 'inside' }]),
                  prompt: 'inner',
                })
                inside.push(text)
                yield `fine in ${name}`
              },
            }),
          },
          stopWhen: sdk.isStepCount(3),
          prompt,
        })
        return { ...(await readAll(result.fullStream)), inside }
      })
      expect(tree).toBe(`streamText · ok · 60 in, 15 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool look · ok
│  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
      expect(seen).toEqual(bare)
      const outputs = seen.parts.flatMap((part) => (part.type === 'tool-result' ? part.output : []))
      expect(outputs).toEqual(['looking at Rome', 'fine in Rome', 'fine in Rome'])
      expect(capture.traces[0]?.spans.find(({ type }) => type === 'tool')?.output).toBe(
        'fine in Rome',
      )
    },
  )

  test('and throws is an error', async () => {
    const { seen, bare, tree } = await bothWays((sdk) =>
      look(sdk, {
        inputSchema: city,
        async *execute() {
          yield 'looking'
          throw new Error('blind')
        },
      }),
    )
    expect(tree).toBe(LOOK_TREE.replace('look · ok', 'look · error (Error: blind)'))
    expect(seen).toEqual(bare)
  })
})

describe('a tool of any make', () => {
  class Camera {
    readonly inputSchema = city
    readonly #view = 'fine'
    calls = 0

    execute({ city: name }: { city: string }): string {
      this.calls += 1
      return `${this.#view} in ${name}`
    }

    toModelOutput({ output }: { output: unknown }): { type: 'text'; value: string } {
      return { type: 'text', value: `${this.#view}: ${String(output)}` }
    }

    get description(): string {
      return `shows what is ${this.#view}`
    }
  }

  test('with private fields works', async () => {
    const cameras: Camera[] = []
    const { seen, bare, tree, capture } = await bothWays((sdk) => {
      const camera = new Camera()
      cameras.push(camera)
      return look(sdk, camera)
    })
    expect(tree).toBe(LOOK_TREE)
    expect(seen).toEqual(bare)
    expect(cameras.map(({ calls }) => calls)).toEqual([1, 1])
    const answer = capture.traces[0]?.spans.at(-1)
    expect(JSON.stringify(answer?.input)).toContain('fine: fine in Rome')
  })

  test('that is frozen works and stays as it was', async () => {
    const tool = Object.freeze({ inputSchema: city, execute: () => 'fine' })
    const { execute } = tool
    const { seen, bare, tree } = await bothWays((sdk) => look(sdk, tool))
    expect(tree).toBe(LOOK_TREE)
    expect(seen).toEqual(bare)
    expect(tool.execute).toBe(execute)
  })

  test('is called with its own `this`, a plain value stays plain', async () => {
    const own: unknown[] = []
    const tool = {
      inputSchema: city,
      execute(this: unknown) {
        own.push(this)
        return { sky: 'blue' }
      },
    }
    const { seen, bare, tree } = await bothWays((sdk) => look(sdk, tool))
    expect(tree).toBe(LOOK_TREE)
    expect(seen).toEqual(bare)
    expect(own[1]).toBe(tool)
  })

  test('without `execute` is left to the program', async () => {
    const { seen, bare, tree } = await bothWays((sdk) => look(sdk, { inputSchema: city }))
    expect(tree).toBe(`generateText · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ tool look · interrupted`)
    expect(seen).toEqual(bare)
  })
})

describe('an agent as a tool', () => {
  test.each(['generate', 'stream'] as const)(
    'runs inside the tool, three times at once, with %s',
    async (way) => {
      const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
        const scout = new sdk.ToolLoopAgent({
          id: 'scout',
          model: scriptedModel([{ text: ['sunny', '!'], delay: 2 }], { modelId: 'gpt-4o-nano' }),
        })
        const ask = async (question: string): Promise<string> => {
          if (way === 'generate') {
            return (await scout.generate({ prompt: question })).text
          }
          const { textStream } = await scout.stream({ prompt: question })
          return (await readAll(textStream)).parts.join('')
        }
        const support = new sdk.ToolLoopAgent({
          id: 'support',
          model: canonicalModel(),
          tools: {
            weather: {
              ...canonicalTools.weather,
              execute: ({ city: name }: { city: string }) => ask(name),
            },
            calculator: {
              ...canonicalTools.calculator,
              execute: ({ a, b }: { a: number; b: number }) => ask(`${a} + ${b}`),
            },
          },
        })
        const { text, steps } = await support.generate({ prompt })
        return { text, content: steps.map((step) => step.content) }
      })
      expect(tree).toBe(`support · ok · 100 in, 25 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
│  └─ other scout · ok
│     └─ llm chat gpt-4o-nano · ok · 20 in, 5 out
├─ tool weather · ok
│  └─ other scout · ok
│     └─ llm chat gpt-4o-nano · ok · 20 in, 5 out
├─ tool weather · ok
│  └─ other scout · ok
│     └─ llm chat gpt-4o-nano · ok · 20 in, 5 out
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
      expect(seen).toEqual(bare)
      const scouts = capture.traces[0]?.spans.filter(({ name }) => name === 'scout')
      expect(scouts?.map(({ input }) => input)).toEqual(['Paris', 'Berlin', '2 + 3'])
      expect(scouts?.map(({ output }) => output)).toEqual(['sunny!', 'sunny!', 'sunny!'])
    },
  )
})

test('runs of one agent at the same time, with equal ids of calls, do not mix', async () => {
  const { ai, capture } = recording()
  const agent = new ai.ToolLoopAgent({
    id: 'support',
    model: lookModel(1),
    tools: {
      look: ai.tool({
        inputSchema: city,
        execute: async () => {
          await pause(Math.random() * 5)
          return 'fine'
        },
      }),
    },
  })
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      if (index % 2 === 0) {
        await agent.generate({ prompt: `question ${index}` })
      } else {
        await (await agent.stream({ prompt: `question ${index}` })).consumeStream()
      }
    }),
  )
  await capture.last()
  expect(capture.traces).toHaveLength(20)
  expect(new Set(capture.traces.map(({ id }) => id)).size).toBe(20)
  for (const trace of capture.traces) {
    const tool = trace.spans.find(({ type }) => type === 'tool')
    expect(trace.spans.map(({ name }) => name)).toEqual([
      'chat gpt-4o-mini',
      'look',
      'chat gpt-4o-mini',
    ])
    expect(tool?.metadata['gen_ai.tool.call.id']).toBe('call_0')
    expect(JSON.stringify(trace.spans[0]?.input)).toContain(JSON.stringify(trace.input))
  }
})
