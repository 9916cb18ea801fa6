import { TruLayer, wrapHandler } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import * as copy from '@trulayer/mastra'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { startIngestServer } from '../support/ingest-server.ts'
import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { type Context, loadSet, setName } from './frameworks.ts'

const { TruLayerExporter, trulayerObservability, trulayerTraceId } = copy
const set = await loadSet(setName)
/* Far more than it takes, for a machine may be busy. */
const PATIENCE = { timeout: 15_000 }
const PLAIN = 'support · ok · 10 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 10 in, 5 out'

function support(exporter: object | readonly object[], options: object = {}, config: object = {}) {
  const { Agent, Mastra, Observability, InMemoryStore } = set
  const model = new ScriptedModel([{ text: 'Hello.' }])
  const agent = new Agent({ id: 'support', name: 'support', instructions: '', model, ...options })
  const configs = { default: { serviceName: 'test', exporters: [exporter].flat(), ...config } }
  set.clearAITracingRegistry?.()
  return new Mastra({
    logger: false,
    storage: new InMemoryStore({ id: 'store' }),
    agents: { support: agent },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  })
}

/* A client whose service answers every request with `status`. */
function clientOf(
  answer: (url: string, body: string) => Promise<Response>,
  limits: { readonly streamIdle?: number; readonly turnIdle?: number } = {},
) {
  const client = new TruLayer({
    apiKey: 'tl_test',
    exitHooks: false,
    limits: { grace: 50, streamIdle: 200, turnIdle: 200, ...limits },
    fetch: (input: unknown, init?: { body?: unknown }) =>
      answer(String(input), typeof init?.body === 'string' ? init.body : ''),
  })
  onTestFinished(async () => {
    await client.shutdown({ timeout: 10 })
  })
  return client
}

/* A client whose service takes everything, and what leaves it. */
function capturing(limits: Parameters<typeof clientOf>[1] = {}) {
  const client = clientOf(() => Promise.resolve(new Response('{}', { status: 200 })), limits)
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  return { client, capture }
}

/* A promise that is kept by hand. */
function signal() {
  let give: () => void = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

describe(`the exporter on ${setName}`, () => {
  test('sends scores as feedback of the trace that they judge, when asked for', async () => {
    const bodies: string[] = []
    const client = clientOf((url, body) => {
      bodies.push(`${new URL(url).pathname} ${body}`)
      return Promise.resolve(new Response('{}', { status: 200 }))
    })
    const scorer = set.createScorer({ id: 'length', name: 'length', description: 'How long' })
    const scorers = {
      length: { scorer: scorer.generateScore(() => 0.5), sampling: { type: 'ratio', rate: 1 } },
    }
    const exporter = new TruLayerExporter({ client, scores: true })
    const answer = await support(exporter, { scorers }).getAgent('support').generate('Hi')
    const feedback = await vi.waitFor(async () => {
      await exporter.flush()
      const found = bodies.filter((body) => body.includes('"score"'))
      expect(found).toHaveLength(1)
      return found
    }, PATIENCE)
    expect(feedback[0]).toContain(String(trulayerTraceId(answer, { client })))
    expect(feedback[0]).toContain('"score":0.5')
  })

  // Before 1.10 nobody can be told.
  const told = set.createDurableAgent === undefined ? [] : ['sends what a person says of a turn']
  test.each(told)('%s, when asked for', async () => {
    const bodies: unknown[] = []
    const client = clientOf((url, body) => {
      if (new URL(url).pathname === '/v1/feedback') {
        bodies.push(JSON.parse(body))
      }
      return Promise.resolve(new Response('{}', { status: 200 }))
    })
    const exporter = new TruLayerExporter({ client, feedback: true })
    const mastra = support(exporter)
    const answer = await mastra.getAgent('support').generate('Hi')
    const { traceId, spanId } = answer
    await mastra.observability?.addFeedback?.({
      traceId,
      spanId,
      correlationContext: {},
      feedback: {
        feedbackType: 'thumbs',
        value: 'down',
        comment: 'too short',
        source: 'user',
        feedbackSource: 'user',
      },
    })
    await vi.waitFor(async () => {
      await exporter.flush()
      expect(bodies).toMatchObject([
        {
          trace_id: trulayerTraceId(answer, { client }),
          label: 'bad',
          comment: 'too short',
        },
      ])
    }, PATIENCE)
  })

  test('tells exporters of two clients the same', async () => {
    const one = capturing()
    const other = capturing()
    const exporters = [one, other].map(({ client }) => new TruLayerExporter({ client }))
    const agent = support(exporters).getAgent('support')
    const { textStream } = await agent.stream('Hi')
    for await (const _ of textStream) {
      // Read to the end.
    }
    for (const { client, capture } of [one, other]) {
      const trace = await capture.last()
      expect(spanTree(trace)).toBe(PLAIN)
      expect(trace.spans[0]?.metadata).toHaveProperty(['trulayer.ttft_ms'])
      expect(capture.traces).toHaveLength(1)
      expect(client.stats().traces.open).toBe(0)
    }
  })

  test('keeps a key that is refused from the host, and says so once', async () => {
    const lines: string[] = []
    const say = (line: string) => void lines.push(line)
    let requests = 0
    const client = new TruLayer({
      apiKey: 'tl_refused',
      exitHooks: false,
      logger: { debug: () => {}, warn: say, error: say },
      fetch: () => {
        requests += 1
        const body = JSON.stringify({ code: 'invalid_api_key', error: 'no such key' })
        return Promise.resolve(new Response(body, { status: 401 }))
      },
    })
    const exporter = new TruLayerExporter({ client })
    const agent = support(exporter).getAgent('support')
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await agent.generate('Hi')).text).toBe('Hello.')
      await exporter.flush()
    }
    await client.shutdown()
    expect(requests).toBe(1)
    expect(lines.filter((line) => line.includes('key'))).toHaveLength(1)
  })

  test('closes what goes on after its turn, and counts what comes of it later', async () => {
    const { client, capture } = capturing({
      streamIdle: 600_000,
      turnIdle: 600_000,
    })
    const { Agent, createTool, z } = set
    const begun = signal()
    const gate = signal()
    const over = signal()
    const call = (name: string) => ({ tools: [{ id: name, name, args: { city: 'Paris' } }] })
    // Before version 1 the context of tracing comes with the arguments.
    const tool = (id: string, execute: (tracingContext: unknown) => Promise<string>) =>
      createTool({
        id,
        description: id,
        inputSchema: z.object({ city: z.string() }),
        execute: (input: Context, context?: Context) =>
          execute(input.tracingContext ?? context?.tracingContext),
      })
    const wait = tool('wait', async () => {
      begun.give()
      await gate.given
      return 'waited'
    })
    const sub = new Agent({
      id: 'sub',
      name: 'sub',
      instructions: '',
      model: new ScriptedModel([call('wait'), { text: 'too late' }]),
      tools: { wait },
    })
    const start = tool('start', async (tracingContext) => {
      void sub.generate('x', { tracingContext }).then(() => over.give())
      await begun.given
      return 'started'
    })
    const model = new ScriptedModel([call('start'), { text: 'Hello.' }])
    await support(new TruLayerExporter({ client }), { model, tools: { start } })
      .getAgent('support')
      .generate('Hi')
    expect(spanTree(await capture.last(PATIENCE))).toBe(`\
support · ok · 20 in, 10 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
├─ tool start · ok
│  └─ other sub · incomplete
│     ├─ llm chat gpt-4o-mini · incomplete
│     └─ tool wait · incomplete
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out`)
    gate.give()
    await over.given
    expect(capture.traces).toHaveLength(1)
    expect(client.stats().traces.open).toBe(0)
    expect(client.stats().traces.late).toBeGreaterThan(0)
  })

  test('flushes in bounded time while the service never answers', async () => {
    const client = clientOf(() => new Promise<Response>(() => {}))
    const exporter = new TruLayerExporter({ client, flushTimeout: 100 })
    await support(exporter).getAgent('support').generate('Hi')
    const begin = performance.now()
    await exporter.flush()
    await exporter.shutdown()
    // Without a bound it would be ten seconds each.
    expect(performance.now() - begin).toBeLessThan(9000)
  })

  test('goes on after shutdown, and serves two instances and a flush in the middle of a turn', async () => {
    const { client, capture } = capturing()
    const exporter = new TruLayerExporter({ client })
    const first = support(exporter).getAgent('support')
    await first.generate('Hi')
    await exporter.shutdown()
    const running = support(exporter).getAgent('support').generate('Hi')
    await exporter.flush()
    await running
    expect(capture.traces.map(spanTree)).toEqual([PLAIN, PLAIN])
  })

  test('told twice, counts once', async () => {
    const { client, capture } = capturing()
    const one = new TruLayerExporter({ client })
    const other = new TruLayerExporter({ client })
    const both = {
      name: 'both',
      exportTracingEvent: (event: Parameters<typeof one.exportTracingEvent>[0]) => {
        void one.exportTracingEvent(event)
        return other.exportTracingEvent(event)
      },
      exportEvent: (event: Parameters<typeof one.exportEvent>[0]) => both.exportTracingEvent(event),
      flush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    }
    await support(both).getAgent('support').generate('Hi')
    expect(capture.traces.map(spanTree)).toEqual([PLAIN])
    expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
  })

  test.each(['one', 'other'] as const)(
    'of two copies of the package records once where that of %s copy comes first',
    async (first) => {
      const { client, capture } = capturing()
      // The package once more, as the CommonJS build or a second installed version would be; core likewise.
      vi.resetModules()
      const other = await import('@trulayer/mastra')
      expect(other.TruLayerExporter).not.toBe(TruLayerExporter)
      const copies = first === 'one' ? [copy, other] : [other, copy]
      const exporters = copies.map((each) => new each.TruLayerExporter({ client }))
      const lookup = set.createTool({
        id: 'lookup',
        description: 'looks up',
        inputSchema: set.z.object({}),
        execute: () => Promise.resolve('found'),
      })
      const model = new ScriptedModel([
        { tools: [{ id: 'c1', name: 'lookup', args: {} }] },
        { text: 'Hello.' },
      ])
      const agent = support(exporters, { model, tools: { lookup } }).getAgent('support')
      const answer = await agent.generate('Hi', {
        tracingOptions: other.withTruLayer({ sessionId: 'chat-1', userId: 'user-1' }),
      })
      const trace = await capture.last()
      expect(capture.traces.map(spanTree)).toEqual([
        `support · ok · 20 in, 10 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
├─ tool lookup · ok
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out`,
      ])
      expect(trace).toMatchObject({ sessionId: 'chat-1', userId: 'user-1' })
      for (const each of copies) {
        expect(each.trulayerTraceId(answer, { client })).toBe(trace.id)
      }
      expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
    },
  )

  const guard = (phase: string, method: string) => ({
    phase,
    options: {
      [method.startsWith('processInput') ? 'inputProcessors' : 'outputProcessors']: [
        {
          id: 'guard',
          name: 'guard',
          [method]: ({ abort }: { readonly abort: (reason: string) => never }) => abort('blocked'),
        },
      ],
    },
  })
  const guards = [
    guard('in a stream', 'processOutputStream'),
    // Version 0 does not report any other.
    ...(setName === 'core-0.24'
      ? []
      : [guard('before the first call', 'processInput'), guard('in a step', 'processInputStep')]),
  ]

  /* A client whose turns may stay open for ten minutes, and what has arrived at its service. */
  async function delivering() {
    const server = await startIngestServer()
    const client = new TruLayer({ apiKey: 'tl_test', endpoint: server.url, exitHooks: false })
    onTestFinished(async () => {
      await client.shutdown({ timeout: 10 })
      await server[Symbol.asyncDispose]()
    })
    return {
      client,
      statuses: () => server.traces.map(({ metadata }) => metadata?.['trulayer.status']),
    }
  }

  test.each(guards)(
    'delivers turns that a processor stops $phase with the next flush',
    async ({ options }) => {
      const { client, statuses } = await delivering()
      const exporter = new TruLayerExporter({ client })
      const agent = support(exporter, options).getAgent('support')
      await agent.generate('Hi')
      await exporter.flush()
      expect(statuses()).toEqual(['cancelled'])
      for await (const _ of (await agent.stream('Hi')).fullStream) {
        // Read to the end.
      }
      await exporter.flush()
      expect(statuses()).toEqual(['cancelled', 'cancelled'])
      expect(client.stats().traces.open).toBe(0)
    },
  )

  test.each(guards)(
    'delivers a turn that a processor stops $phase with the answer of a function',
    async ({ options }) => {
      const { client, statuses } = await delivering()
      const agent = support(new TruLayerExporter({ client }), options).getAgent('support')
      const handler = wrapHandler(async () => (await agent.generate('Hi')).text, { client })
      await handler()
      expect(statuses()).toEqual(['cancelled'])
    },
  )

  const { MockMemory } = set
  test.each(MockMemory === undefined ? [] : [MockMemory])(
    'delivers a turn of a thread with the next flush, and one with a title once that is there',
    async (Memory) => {
      const { client, statuses } = await delivering()
      const exporter = new TruLayerExporter({ client })
      const memory = new Memory()
      const agent = support(exporter, { memory }).getAgent('support')
      await agent.generate('Hi', { memory: { thread: 'T', resource: 'R' } })
      await exporter.flush()
      expect(statuses()).toEqual(['ok'])
      const model = new ScriptedModel([{ text: 'Greetings', delay: 100 }], { modelId: 'titles' })
      Object.assign(memory.threadConfig, { generateTitle: { model } })
      const answer = () => agent.generate('Hi', { memory: { thread: 'U', resource: 'R' } })
      await wrapHandler(answer, { client })()
      expect(statuses()).toEqual(['ok', 'ok'])
      expect(client.stats().traces).toMatchObject({ open: 0, late: 0 })
    },
  )

  test('ends a call that failed, and its agent, when it failed', async () => {
    const { client, capture } = capturing({
      streamIdle: 600_000,
      turnIdle: 600_000,
    })
    const model = new ScriptedModel([{ error: new Error('down') }])
    const mastra = support(new TruLayerExporter({ client }), { model, maxRetries: 0 })
    try {
      const { textStream } = await mastra.getAgent('support').stream('Hi')
      for await (const _ of textStream) {
        // Read to its end.
      }
    } catch {
      // In some versions it is an error.
    }
    const over = Date.now()
    const { status, endedAt, spans } = await capture.last(PATIENCE)
    expect(status).toBe('error')
    expect(spans).toMatchObject([{ type: 'llm', status: 'error' }])
    // Some versions tell of neither end, which is certain only a second later.
    expect(endedAt).toBeLessThan(over + 500)
    expect(spans[0]?.endedAt).toBeLessThan(over + 500)
  })

  test('lets go of a stream that nobody reads', async () => {
    const { client, capture } = capturing({
      turnIdle: 600_000,
    })
    await support(new TruLayerExporter({ client })).getAgent('support').stream('Hi')
    const trace = await capture.last(PATIENCE)
    expect(trace.status).toBe('incomplete')
    expect(client.stats().traces.open).toBe(0)
  })

  test('shows what a call was given that nobody ends, where only its step tells', async () => {
    const { client, capture } = capturing()
    const config = { excludeSpanTypes: ['model_generation'] }
    const mastra = support(new TruLayerExporter({ client }), {}, config)
    await mastra.getAgent('support').stream('Hi')
    const { status, spans } = await capture.last(PATIENCE)
    expect(status).toBe('incomplete')
    const messages = [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }]
    // 1.30 tells the messages of a step when it ends, and this one does not.
    const input = setName === 'core-1.30' ? undefined : messages
    expect(spans).toMatchObject([{ type: 'llm', input }])
  })

  test('brings a config whose limits keep long threads whole', () => {
    const config = trulayerObservability({ serviceName: 'support' })
    expect(config).toMatchObject({ serviceName: 'support', exporters: [{ name: 'trulayer' }] })
    expect(config.serializationOptions.maxArrayLength).toBeGreaterThanOrEqual(1000)
    expect(() => new TruLayerExporter({ nodes: 'none' as 'all' })).toThrow(
      "option `nodes` of TruLayerExporter must be 'auto' or 'all', not 'none'.",
    )
  })
})
