import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { TruLayerExporter, trulayerObservability, trulayerTraceId } from '@trulayer/mastra'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { loadSet, setName } from './frameworks.ts'

const set = await loadSet(setName)
/* Far more than it takes, for a machine may be busy. */
const PATIENCE = { timeout: 15_000 }
const PLAIN = 'support · ok · 10 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 10 in, 5 out'

function support(exporter: object, options: object = {}) {
  const { Agent, Mastra, Observability, InMemoryStore } = set
  const model = new ScriptedModel([{ text: 'Hello.' }])
  const agent = new Agent({ id: 'support', name: 'support', instructions: '', model, ...options })
  const configs = { default: { serviceName: 'test', exporters: [exporter] } }
  set.clearAITracingRegistry?.()
  return new Mastra({
    logger: false,
    storage: new InMemoryStore({ id: 'store' }),
    agents: { support: agent },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  })
}

/* A client whose service answers every request with `status`. */
function clientOf(answer: (url: string, body: string) => Promise<Response>) {
  const client = new TruLayer({
    apiKey: 'tl_test',
    exitHooks: false,
    limits: { grace: 50, streamIdle: 200, turnIdle: 200 },
    fetch: (input: unknown, init?: { body?: unknown }) =>
      answer(String(input), typeof init?.body === 'string' ? init.body : ''),
  })
  onTestFinished(async () => {
    await client.shutdown({ timeout: 10 })
  })
  return client
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
    const client = clientOf(() => Promise.resolve(new Response('{}', { status: 200 })))
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
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
    const client = clientOf(() => Promise.resolve(new Response('{}', { status: 200 })))
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
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

  test('lets go of a stream that nobody reads', async () => {
    const client = clientOf(() => Promise.resolve(new Response('{}', { status: 200 })))
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    await support(new TruLayerExporter({ client })).getAgent('support').stream('Hi')
    const trace = await capture.last(PATIENCE)
    expect(trace.status).toBe('incomplete')
    expect(client.stats().traces.open).toBe(0)
  })

  test('brings a config whose limits keep long threads whole', () => {
    const config = trulayerObservability({ serviceName: 'support' })
    expect(config).toMatchObject({ serviceName: 'support', exporters: [{ name: 'trulayer' }] })
    expect(config.serializationOptions.maxArrayLength).toBeGreaterThanOrEqual(1000)
    expect(() => new TruLayerExporter({ nodes: 'none' as 'all' })).toThrow('`nodes` must be')
  })
})
