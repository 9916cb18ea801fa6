import { setTimeout as wait } from 'node:timers/promises'

import type { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { instrumentLangChain, TruLayerCallbackHandler } from '@trulayer/langchain'
import { describe, expect, onTestFinished, test } from 'vitest'

import { captureOf, collect, testClient } from '../../packages/langchain/test/play.ts'
import {
  BaseRetriever,
  callbackManager,
  contextSlot,
  Model,
  Runnable,
  RunnableLambda,
  RunnableMap,
  RunnableSequence,
  StructuredTool,
  tool,
  z,
} from './core-alone-frameworks.ts'
import { LLM } from './scenarios/scenario.ts'

/* A program that has `@langchain/core` alone, where calls do not inherit the config of the run around them. */

type Way = 'handler' | 'instrument'
const ways = ['handler', 'instrument'] as const

interface Attached {
  readonly client: TruLayer
  readonly config: { readonly callbacks?: TruLayerCallbackHandler[] }
  readonly trees: () => Promise<string[]>
}

function attach(way: Way): Attached {
  const client = testClient()
  const capture = captureOf(client)
  const isHandler = way === 'handler'
  if (!isHandler) {
    onTestFinished(instrumentLangChain(callbackManager, { client }))
  }
  return {
    client,
    config: isHandler ? { callbacks: [new TruLayerCallbackHandler({ client })] } : {},
    trees: async () => {
      expect(contextSlot()).toBeUndefined()
      await capture.last()
      await client.flush()
      return capture.traces.map(spanTree)
    },
  }
}

const jsonSchema = { type: 'object', properties: {}, additionalProperties: true } as const

/* Records a span a little later, as code after a request would. */
async function search(client: TruLayer, name = 'search'): Promise<string> {
  await wait(2)
  return client.span(name, 'retrieval', async () => {
    await wait(2)
    return name
  })
}

describe.each(ways)('with the %s, a span is recorded inside', (way) => {
  test('a lambda', async () => {
    const { client, config, trees } = attach(way)
    await RunnableLambda.from(() => search(client)).invoke('a', { ...config, runName: 'ask' })
    expect(await trees()).toEqual(['ask · ok\n└─ retrieval search · ok'])
  })

  test('the steps of a sequence and of a map, called and streamed', async () => {
    const { client, config, trees } = attach(way)
    const step = RunnableLambda.from(() => search(client))
    const chain = RunnableSequence.from([RunnableMap.from({ one: step, two: step }), step])
    await chain.invoke('a', { ...config, runName: 'invoke' })
    await collect(await chain.stream('a', { ...config, runName: 'stream' }))
    const spans = Array.from({ length: 3 }, () => 'retrieval search · ok')
    expect(await trees()).toEqual([
      `invoke · ok\n├─ ${spans.join('\n├─ ')}`.replace(/├─(?!.*├─)/s, '└─'),
      `stream · ok\n├─ ${spans.join('\n├─ ')}`.replace(/├─(?!.*├─)/s, '└─'),
    ])
  })

  test('tools that a chain calls with its config, at the same time, with zod and with a JSON Schema', async () => {
    const { client, config, trees } = attach(way)
    const find = tool(() => search(client, 'index'), {
      name: 'find',
      description: 'Finds',
      schema: z.object({}),
    })
    const fetch = tool(() => search(client, 'page'), {
      name: 'fetch',
      description: 'Fetches',
      schema: jsonSchema,
    })
    const agent = RunnableLambda.from(async (_: string, runConfig) => {
      await Promise.all([
        find.invoke({}, runConfig),
        fetch.invoke({}, runConfig),
        fetch.invoke({}, runConfig),
      ])
      await fetch.invoke({}, runConfig)
      await fetch.invoke({}, runConfig)
      await search(client, 'after')
    })
    await agent.invoke('a', { ...config, runName: 'agent' })
    const [tree = ''] = await trees()
    expect(tree).toBe(`\
agent · ok
├─ tool fetch · ok
│  └─ retrieval page · ok
├─ tool fetch · ok
│  └─ retrieval page · ok
├─ tool find · ok
│  └─ retrieval index · ok
├─ tool fetch · ok
│  └─ retrieval page · ok
├─ tool fetch · ok
│  └─ retrieval page · ok
└─ retrieval after · ok`)
  })

  test('a retriever', async () => {
    const { client, config, trees } = attach(way)
    class Shelf extends BaseRetriever {
      readonly lc_namespace = ['test']
      override async _getRelevantDocuments(): Promise<[]> {
        await search(client, 'index')
        return []
      }
    }
    await new Shelf().invoke('a', { ...config, runName: 'shelf' })
    expect(await trees()).toEqual([
      'shelf · ok\n└─ retrieval shelf · ok\n   └─ retrieval index · ok',
    ])
  })

  test('a call that is given the handler itself', async () => {
    const { client, config, trees } = attach(way)
    const model = new Model({ script: [{ text: 'Hm.' }] })
    const callbacks = [new TruLayerCallbackHandler({ client })]
    const ask = RunnableLambda.from(async () => (await model.invoke('b', { callbacks })).text)
    await ask.invoke('a', { ...config, runName: 'ask' })
    expect(await trees()).toEqual([`ask · ok · 20 in, 5 out\n└─ ${LLM}`])
  })
})

test('inside a lambda that two handlers receive, one after the other', async () => {
  const { client, config, trees } = attach('handler')
  const callbacks = [...(config.callbacks ?? []), new TruLayerCallbackHandler({ client })]
  const ask = RunnableLambda.from(() => search(client))
  await ask.invoke('a', { callbacks, runName: 'ask' })
  expect(await trees()).toEqual(['ask · ok\n└─ retrieval search · ok'])
})

describe('instrumented, a model that is called without a config is recorded inside', () => {
  const call = async (): Promise<string> => {
    await wait(2)
    return (await new Model({ script: [{ text: 'Hm.' }] }).invoke('b')).text
  }
  const TREE = (name: string): string => `${name} · ok · 20 in, 5 out\n└─ ${LLM}`
  const TOOL_TREE = `find · ok · 20 in, 5 out\n└─ tool find · ok\n   └─ ${LLM}`

  test('a lambda, called and streamed', async () => {
    const { trees } = attach('instrument')
    const ask = RunnableLambda.from(call)
    await ask.invoke('a', { runName: 'invoke' })
    await collect(await ask.stream('a', { runName: 'stream' }))
    expect(await trees()).toEqual([TREE('invoke'), TREE('stream')])
  })

  test.each([
    { kind: 'zod', schema: z.object({}) },
    { kind: 'a JSON Schema', schema: jsonSchema },
  ])('a tool with $kind that is the outermost run', async ({ schema }) => {
    const { trees } = attach('instrument')
    const find = tool(call, { name: 'find', description: 'Finds', schema })
    await find.invoke({})
    expect(await trees()).toEqual([TOOL_TREE])
  })

  test('two tools at the same time, each in its own', async () => {
    const { trees } = attach('instrument')
    const find = tool(call, { name: 'find', description: 'Finds', schema: jsonSchema })
    await Promise.all([find.invoke({}), find.invoke({})])
    expect(await trees()).toEqual([TOOL_TREE, TOOL_TREE])
  })
})

/* One user's turn is never part of another's. */
describe.each(ways)('with the %s, what runs beside a run is not inside it:', (way) => {
  /* The whole time of a run, so that what starts meanwhile would be taken for its child. */
  const slow = async (): Promise<string> => {
    await wait(40)
    return 'done'
  }

  class SlowTool extends StructuredTool {
    readonly name = 'slow'
    readonly description = 'Slow'
    readonly schema = jsonSchema
    protected override _call(): Promise<string> {
      return slow()
    }
  }

  class SlowShelf extends BaseRetriever {
    readonly lc_namespace = ['test']
    override async _getRelevantDocuments(): Promise<[]> {
      await slow()
      return []
    }
  }

  async function* slowly(): AsyncGenerator<string> {
    yield 'a'
    await wait(40)
    yield 'b'
  }

  const options = { name: 'slow', description: 'Slow' }
  const lambda = RunnableLambda.from(slow)
  const sequence = RunnableSequence.from([lambda, lambda])
  const runs: Record<string, (config: object) => Promise<unknown>> = {
    'a lambda': (config) => lambda.invoke('a', config),
    'a sequence': (config) => sequence.invoke('a', config),
    'a map': (config) => RunnableMap.from({ one: lambda, two: lambda }).invoke('a', config),
    'a batch': (config) => sequence.batch(['a', 'b'], config),
    'a batch of lambdas': (config) => lambda.batch(['a', 'b'], config),
    'a batch with retries': (config) => lambda.withRetry().batch(['a', 'b'], config),
    'a chain with fallbacks': (config) =>
      lambda.withFallbacks({ fallbacks: [lambda] }).invoke('a', config),
    'a streamed lambda': async (config) => collect(await lambda.stream('a', config)),
    'a streamed sequence': async (config) => collect(await sequence.stream('a', config)),
    'a streamed map': async (config) =>
      collect(await RunnableMap.from({ one: lambda, two: lambda }).stream('a', config)),
    'a streamed generator': async (config) =>
      collect(await RunnableLambda.from(slowly).stream('a', config)),
    'events of a sequence': (config) =>
      collect(sequence.streamEvents('a', { ...config, version: 'v2' })),
    'a tool with zod': (config) =>
      tool(slow, { ...options, schema: z.object({}) }).invoke({}, config),
    'a tool with a JSON Schema': (config) =>
      tool(slow, { ...options, schema: jsonSchema }).invoke({}, config),
    'a tool that is a class': (config) => new SlowTool().invoke({}, config),
    'a retriever': (config) => new SlowShelf().invoke('a', config),
  }

  test.each(Object.keys(runs))('%s', async (name) => {
    const { client, config, trees } = attach(way)
    const running = runs[name]?.(config)
    void client.span('at once', () => {})
    await wait(1)
    void client.span('a little later', () => {})
    await new Promise((resolve) => {
      globalThis.setTimeout(resolve, 10)
    })
    void client.span('in the middle', () => {})
    await lambda.invoke('b', { ...config, runName: 'another' })
    await running
    void client.span('after', () => {})
    const all = await trees()
    for (const beside of ['at once', 'a little later', 'in the middle', 'another', 'after']) {
      expect(all).toContainEqual(expect.stringMatching(new RegExp(`^${beside} · ok$`)))
    }
  })

  test('a reader of a stream, between its parts', async () => {
    const { client, config, trees } = attach(way)
    const stream = await RunnableLambda.from(slowly).stream('a', { ...config, runName: 'stream' })
    const reader = stream[Symbol.asyncIterator]()
    const next = reader.next()
    void client.span('between', () => {})
    await next
    void client.span('then', () => {})
    await reader.next()
    const all = await trees()
    expect(all).toEqual(expect.arrayContaining(['between · ok', 'then · ok']))
  })

  test('a batch whose steps are not of LangChain', async () => {
    const { client, config, trees } = attach(way)
    class Step extends Runnable<string, string> {
      readonly lc_namespace = ['test']
      override invoke(input: string): Promise<string> {
        return search(client, input)
      }
    }
    const pass = RunnableLambda.from((input: string) => input)
    await RunnableSequence.from([pass, new Step(), pass]).batch(['a', 'b', 'c'], {
      ...config,
      runName: 'batch',
    })
    expect((await trees()).toSorted()).toEqual([
      'a · ok\n└─ retrieval a · ok',
      'b · ok\n└─ retrieval b · ok',
      'batch · ok',
      'batch · ok',
      'batch · ok',
      'c · ok\n└─ retrieval c · ok',
    ])
  })

  test('a loop that serves one user after another without waiting', async () => {
    const { client, config, trees } = attach(way)
    const job = { name: 'job', description: 'A job' }
    const work = async (user: string, runConfig: object): Promise<string> => {
      await wait(5)
      await lambda.invoke('a', { ...runConfig, runName: `${user}-chain` })
      return search(client, `${user}-span`)
    }
    const withZod = tool(({ user }, runConfig) => work(user, runConfig), {
      ...job,
      schema: z.object({ user: z.string() }),
    })
    const withJson = tool(
      (input, runConfig) => work(String(Reflect.get(Object(input), 'user')), runConfig),
      {
        ...job,
        schema: jsonSchema,
      },
    )
    async function* users(): AsyncGenerator<string> {
      for (let user = 0; user < 40; user += 1) {
        await wait(1)
        yield `user${user}`
      }
    }
    const jobs: Promise<unknown>[] = []
    for await (const user of users()) {
      const turn = { ...config, runName: user }
      jobs.push(
        withZod.invoke({ user }, turn),
        withJson.invoke({ user }, turn),
        RunnableLambda.from(() => search(client, `${user}-span`)).invoke(user, turn),
      )
    }
    await Promise.all(jobs)
    for (const tree of await trees()) {
      const [, user] = /^(user\d+)/.exec(tree) ?? []
      expect(new Set(tree.match(/user\d+/g))).toEqual(new Set([user]))
    }
  })
})

test('a turn that goes on in a timer of an earlier one is a turn of its own', async () => {
  const { client, config, trees } = attach('handler')
  const lambda = RunnableLambda.from(() => 'done')
  let later: Promise<unknown> | undefined
  await RunnableLambda.from(() => {
    later = wait(50).then(() => lambda.invoke('b', { ...config, runName: 'later' }))
  }).invoke('a', { ...config, runName: 'first' })
  await client.flush()
  await later
  expect(await trees()).toEqual(['first · ok', 'later · ok'])
  expect(client.stats().traces.late).toBe(0)
})
