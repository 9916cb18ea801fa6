import { afterEach, describe, expect, test, vi } from 'vitest'

import { addAmbientLookup } from '../../src/record/context.ts'
import { settlePostponed } from '../../src/record/postponed.ts'
import type { TruLayerOptions } from '../../src/client/options.ts'
import { TruLayer } from '../../src/client/client.ts'
import { internalsOf } from '../../src/client/client-internals.ts'
import type { FinishedTrace } from '../../src/shape/trace.ts'
import { captureTraces, spanTree } from '../../src/testing/index.ts'
import { collectLog, pause } from '../support.ts'

/* A client as a program has it: what is captured is recorded at once. */
function program(options: TruLayerOptions = {}) {
  const traces: FinishedTrace[] = []
  const client = new TruLayer({
    exitHooks: false,
    exporters: [{ export: (finished) => void traces.push(...finished) }],
    ...options,
  })
  return { client, recorder: internalsOf(client).recorder, traces }
}

/* A turn with a tool, told as an adapter does whose framework tells of copies. */
function tellTurn({ recorder }: Pick<ReturnType<typeof program>, 'recorder'>, id = '1'): void {
  const start = (name: string, parentKey?: string) =>
    recorder.later(
      'a start',
      () => void recorder.start({ key: `x:${name}:${id}`, name, type: 'other', parentKey }),
      true,
    )
  const end = (name: string) =>
    recorder.later('an end', () => recorder.end(recorder.find(`x:${name}:${id}`)))
  start('agent')
  start('step', `x:agent:${id}`)
  end('step')
  end('agent')
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/* Everything that depends on what has happened. */
const asks: readonly ((of: ReturnType<typeof program>) => unknown)[] = [
  ({ client }) => client.stats(),
  ({ client }) => client.flush(),
  ({ client }) => client.shutdown(),
  ({ client }) => client.currentTrace(),
  ({ client }) => client.currentSpan(),
  ({ recorder }) => recorder.find('x:agent:1'),
  ({ recorder }) => recorder.traceIdOf('x:agent:1'),
  ({ recorder }) => recorder.hasOpenTrace('x'),
  ({ recorder }) => recorder.hasUsed('x'),
  ({ recorder }) => recorder.active(),
  ({ recorder }) => recorder.start({ name: 'another', type: 'other' }),
  ({ recorder }) => recorder.update(undefined, {}),
  ({ recorder }) => recorder.end(undefined),
  ({ recorder }) => recorder.event(undefined, 'said'),
  ({ recorder }) => recorder.touch(undefined),
  ({ recorder }) => recorder.isHeld({}),
  ({ recorder }) => recorder.closeCall({}),
  ({ recorder }) => recorder.closeAll(),
  ({ client }) => internalsOf(client).drain(),
  () => settlePostponed(),
  ({ client }) => captureTraces({ client }).stop(),
]

describe('what is recorded later', () => {
  test.each(asks)('is recorded as soon as anybody asks: %s', (ask) => {
    const all = program()
    tellTurn(all)
    expect(all.recorder.peek('x:agent:1')).toBeUndefined()
    const later = vi.fn()
    all.recorder.later('a mark', later)
    expect(later).not.toHaveBeenCalled()
    ask(all)
    expect(later).toHaveBeenCalledOnce()
    expect(all.client.stats().traces.recorded).toBe(1)
  })

  test('is there for what starts meanwhile, under its key or inside it', async () => {
    const { client, recorder, traces } = program()
    const agent = { key: 'x:1', name: 'agent', type: 'other' } as const
    recorder.later('a start', () => void recorder.start(agent))
    const again = recorder.start(agent)
    expect(recorder.stats().open).toBe(1)
    recorder.later('a start', () => {
      recorder.start({ key: 'x:2', name: 'step', type: 'other', parentKey: 'x:1' })
    })
    const inner = recorder.start({ name: 'tool', type: 'tool', parentKey: 'x:2' })
    for (const run of [inner, recorder.find('x:2'), again]) {
      recorder.end(run)
    }
    await client.flush()
    expect(traces.map(spanTree)).toEqual(['agent · ok\n└─ other step · ok\n   └─ tool tool · ok'])
  })

  test('counts where a turn is taken for abandoned', async () => {
    const { recorder, traces, client } = program({ limits: { turnIdle: 150 } })
    const run = recorder.start({ name: 'agent', type: 'other' })
    await pause(110)
    recorder.later('an end', () => recorder.end(run))
    await pause(70)
    await client.flush()
    expect(traces).toMatchObject([{ status: 'ok' }])
  })

  test('is recorded in the order in which it happened, and left alone that is soon', async () => {
    const all = program()
    tellTurn(all, '1')
    tellTurn(all, '2')
    await vi.waitFor(() => expect(all.traces).toHaveLength(2))
    expect(all.traces.map(spanTree)).toEqual(Array(2).fill('agent · ok\n└─ other step · ok'))
  })

  test('has the times at which it happened', async () => {
    const { client, recorder, traces } = program()
    const before = Date.now()
    recorder.later('a start', () => void recorder.start({ key: 'x:1', name: 'a', type: 'other' }))
    await pause(20)
    recorder.later('an end', () => recorder.end(recorder.find('x:1')))
    await pause(40)
    await client.flush()
    const [trace] = traces
    expect(trace?.startedAt).toBeGreaterThanOrEqual(before - 2)
    expect(trace?.startedAt).toBeLessThan(before + 15)
    const duration = (trace?.endedAt ?? 0) - (trace?.startedAt ?? 0)
    expect(duration).toBeGreaterThanOrEqual(19)
    expect(duration).toBeLessThan(40)
  })

  test('belongs to the session, the trace and the silence in which it happened', async () => {
    const all = program()
    const { client, traces } = all
    client.withSession({ sessionId: 'chat-1', tags: ['plan:pro'] }, () => tellTurn(all, '1'))
    client.suppress(() => tellTurn(all, '2'))
    await client.trace('outer', () => {
      tellTurn(all, '3')
    })
    await client.flush()
    expect(traces.map(({ name, sessionId }) => [name, sessionId])).toEqual([
      ['agent', 'chat-1'],
      ['outer', traces[1]?.id],
    ])
    expect(traces[0]?.tags).toEqual({ plan: 'pro' })
    expect(traces.map(spanTree)[1]).toBe('outer · ok\n└─ other agent · ok\n   └─ other step · ok')
  })

  test('hangs under what was current in a framework when it happened', async () => {
    let current: string | undefined
    addAmbientLookup('postponed-test', () => current)
    const all = program()
    const { client, recorder, traces } = all
    recorder.later('a start', () => void recorder.start({ key: 'y', name: 'tool', type: 'tool' }))
    current = 'y'
    tellTurn(all)
    current = undefined
    recorder.later('an end', () => recorder.end(recorder.find('y')))
    await client.flush()
    expect(traces.map(spanTree)).toEqual([
      'tool · ok\n└─ tool tool · ok\n   └─ other agent · ok\n      └─ other step · ok',
    ])
  })

  test('is a fault of ours where it throws, and costs nothing else', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const all = program()
    all.recorder.later('a thing', () => {
      throw new Error('a fault')
    })
    tellTurn(all)
    await all.client.flush()
    expect(all.traces).toHaveLength(1)
    expect(warn.mock.calls).toEqual([[expect.stringContaining('could not record a thing')]])
  })

  test('never waits in a heap: of many one after another all are recorded', () => {
    const all = program()
    const seen: number[] = []
    for (let index = 0; index < 10_000; index += 1) {
      all.recorder.later('a thing', () => void seen.push(index))
    }
    expect(seen.length).toBeGreaterThanOrEqual(6000)
    all.recorder.settle()
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index))
  })

  test('does not hold the event loop where there is much of it', async () => {
    const all = program()
    const busy = (): void => {
      const end = performance.now() + 1
      while (performance.now() < end) {
        // Work.
      }
    }
    let done = 0
    for (let index = 0; index < 100; index += 1) {
      all.recorder.later('a thing', () => {
        busy()
        done += 1
      })
    }
    await vi.waitFor(() => expect(done).toBeGreaterThan(0), { interval: 1 })
    expect(done).toBeLessThan(50)
    await vi.waitFor(() => expect(done).toBe(100))
  })

  test('keeps what was copied when it happened', async () => {
    const { client, recorder, traces } = program()
    const input = { city: 'Paris' }
    const messages = [{ role: 'user', parts: [{ type: 'text' as const, content: 'Hi' }] }]
    const kept = { input: recorder.keep(input), output: recorder.keepMessages(messages) }
    recorder.later('a turn', () => {
      const run = recorder.start({ name: 'a', type: 'tool', keptInput: kept.input })
      recorder.end(run, { keptOutput: kept.output })
    })
    input.city = 'Berlin'
    messages.pop()
    await client.flush()
    expect(traces[0]?.spans[0]).toMatchObject({
      input: { city: 'Paris' },
      output: [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }],
    })
    expect(recorder.keep(undefined)).toBeUndefined()
  })

  test('keeps nothing that is not to be kept', async () => {
    const { client, recorder, traces } = program({ recordInputs: false, recordOutputs: false })
    const kept = recorder.keep('secret')
    recorder.end(recorder.start({ name: 'a', type: 'tool', keptInput: kept }), { keptOutput: kept })
    await client.flush()
    expect(JSON.stringify(traces)).not.toContain('secret')
  })
})

describe('is recorded at once', () => {
  const isPostponed = ({ recorder }: Pick<ReturnType<typeof program>, 'recorder'>): boolean => {
    const record = vi.fn()
    recorder.later('a thing', record)
    return record.mock.calls.length === 0
  }

  test('unless it may wait', () => {
    expect(isPostponed(program())).toBe(true)
  })

  test('where traces are captured, for a test looks at them as soon as the turn is over', () => {
    const all = program()
    const capture = captureTraces({ client: all.client })
    expect(isPostponed(all)).toBe(false)
    tellTurn(all)
    expect(capture.traces).toHaveLength(1)
    capture.stop()
    expect(isPostponed(all)).toBe(true)
  })

  test('where nothing is recorded, and where each run is told', async () => {
    expect(isPostponed(program({ mode: 'off' }))).toBe(false)
    expect(isPostponed(program({ exporters: [] }))).toBe(false)
    const { logger } = collectLog()
    expect(isPostponed(program({ debug: true, logger }))).toBe(false)
    const all = program()
    await all.client.shutdown()
    expect(isPostponed(all)).toBe(false)
  })

  test('where the request must still be there when its trace ends', () => {
    expect(isPostponed(program({ waitUntil: () => {} }))).toBe(false)
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'function')
    expect(isPostponed(program())).toBe(false)
    vi.unstubAllEnvs()
    vi.stubGlobal('EdgeRuntime', 'edge-runtime')
    expect(isPostponed(program())).toBe(false)
    vi.unstubAllGlobals()
    const context = Symbol.for('@next/request-context')
    Reflect.set(globalThis, context, { get: () => undefined })
    try {
      expect(isPostponed(program())).toBe(false)
    } finally {
      Reflect.deleteProperty(globalThis, context)
    }
    expect(isPostponed(program())).toBe(true)
  })
})
