import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { resolveRecorder } from '../../src/client/resolve-recorder.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { getClient, init, TruLayer, TruLayerError } from '../../src/index.ts'
import { fromWireTrace } from '../../src/shape/from-wire.ts'
import { toWireTrace } from '../../src/shape/wire.ts'
import { captureTraces, clearTraces, lastTrace, spanTree } from '../../src/testing/index.ts'
import { collectLog, eventually, pause, recording } from '../support.ts'

describe('trace and span', () => {
  test('what begins to work when it is waited for runs inside, as builders of queries do', async () => {
    const { client, capture } = recording()
    const query = (name: string): PromiseLike<string> => ({
      // oxlint-disable-next-line unicorn/no-thenable -- the very thing
      then: (taken, refused) => client.span(name, 'tool', () => name).then(taken, refused),
    })
    expect(await client.trace('answer', () => query('rows'))).toBe('rows')
    await client.trace('request', () => client.span('load', 'other', () => query('rows')))
    expect(capture.traces.map(spanTree)).toEqual([
      'answer · ok\n└─ tool rows · ok',
      'request · ok\n└─ other load · ok\n   └─ tool rows · ok',
    ])
  })

  test('nest as the calls do, across awaits, with what was told of them', async () => {
    const { client, capture } = recording({ environment: 'test' })
    const result = await client.trace(
      'answer',
      async (trace) => {
        trace.setInput('Where is my order?')
        trace.setTag('tier', 'gold')
        const documents = await client.span(
          'search',
          { type: 'retrieval', input: 'order', metadata: { topK: 2 } },
          async () => {
            await pause(1)
            return ['a', 'b']
          },
        )
        const answer = await trace.span('chat m', 'llm', (span) => {
          span.setModel('m')
          span.setTokens({ promptTokens: 3, completionTokens: 4, cachedTokens: 1 })
          span.setCost(0.25)
          span.setMetadata({ one: 1 })
          span.setMetadata({ two: 2 })
          span.setOutput('It is on its way.')
          span.event('retried', { level: 'warn', metadata: { attempt: 2 } })
          return 'ignored'
        })
        expect(answer).toBe('ignored')
        return documents.length
      },
      {
        sessionId: 'chat-1',
        userId: 'u-1',
        externalId: 'req-1',
        tags: ['beta', 'region:eu'],
        metadata: { plan: 'pro' },
      },
    )
    expect(result).toBe(2)
    const [trace] = capture.traces
    expect(spanTree(trace ?? expect.fail())).toBe(
      'answer · ok · 3 in, 4 out\n├─ retrieval search · ok\n└─ llm chat m · ok · 3 in, 4 out',
    )
    expect(trace).toMatchObject({
      sessionId: 'chat-1',
      userId: 'u-1',
      externalId: 'req-1',
      input: 'Where is my order?',
      output: 2,
      model: 'm',
      tags: { beta: 'true', region: 'eu', tier: 'gold' },
      metadata: {
        plan: 'pro',
        'user.id': 'u-1',
        'deployment.environment.name': 'test',
        'trulayer.status': 'ok',
      },
    })
    expect(trace?.spans[0]).toMatchObject({ input: 'order', output: ['a', 'b'] })
    expect(trace?.spans[1]).toMatchObject({
      output: 'It is on its way.',
      cost: 0.25,
      metadata: { one: 1, two: 2 },
    })
    expect(trace?.events).toMatchObject([
      { spanId: trace?.spans[1]?.id, level: 'warn', message: 'retried', metadata: { attempt: 2 } },
    ])
  })

  test('what the function throws comes back as it is, from a rejection and from a throw', async () => {
    const { client, capture } = recording()
    const failure = new RangeError('boom')
    await expect(
      client.trace('answer', () =>
        client.span('tool', 'tool', () => {
          throw failure
        }),
      ),
    ).rejects.toBe(failure)
    expect(capture.traces.map(spanTree)).toEqual([
      'answer · error (RangeError: boom)\n└─ tool tool · error (RangeError: boom)',
    ])
  })

  test('a failure that the program handled is an error of that span alone', async () => {
    const { client, capture } = recording()
    await client.trace('answer', () =>
      client.span('tool', 'tool', (span) => {
        span.setError(new Error('no such order'))
        return 'sorry'
      }),
    )
    expect(capture.traces.map(spanTree)).toEqual([
      'answer · ok\n└─ tool tool · error (Error: no such order)',
    ])
    expect(capture.traces[0]?.spans[0]?.output).toBe('sorry')
  })

  test('the function runs at once, and results that are no plain data are passed and not recorded', async () => {
    const { client, capture } = recording()
    const response = new Response('hello')
    let hasRun = false
    const running = client.trace('route', () => {
      hasRun = true
      return response
    })
    expect(hasRun).toBe(true)
    expect(await running).toBe(response)
    expect(response.bodyUsed).toBe(false)
    expect(capture.traces[0]?.output).toBeUndefined()
  })

  test('an inner trace is a span, unless a new one is asked for', async () => {
    const { client, capture } = recording()
    await client.trace('outer', async () => {
      await client.trace('inner', () => 'x')
      await client.trace('own', () => 'x', { newTrace: true })
    })
    expect(capture.traces.map(spanTree)).toEqual(['own · ok', 'outer · ok\n└─ other inner · ok'])
  })

  test('what goes on after its trace has left is of the same session and user', async () => {
    const { client, capture } = recording()
    const options = { sessionId: 'chat-1', userId: 'user-7' }
    let rest: Promise<unknown> = Promise.resolve()
    await client.trace(
      'route',
      () => {
        rest = pause(5).then(() =>
          client.withSession({ userId: 'user-8' }, () => client.trace('after', () => 'x')),
        )
      },
      options,
    )
    expect(capture.traces).toHaveLength(1)
    await rest
    await client.trace('another', () => 'x')
    expect(
      capture.traces.map(({ name, sessionId, userId }) => [name, sessionId, userId]),
    ).toMatchObject([
      ['route', 'chat-1', 'user-7'],
      ['after', 'chat-1', 'user-8'],
      ['another', capture.traces[2]?.id, undefined],
    ])
  })

  test('a hundred turns at once do not mix', async () => {
    const { client, capture } = recording()
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.trace(`turn ${index}`, async () => {
          await pause(index % 7)
          await client.span(`tool ${index}`, 'tool', () => pause(index % 3))
        }),
      ),
    )
    expect(capture.traces).toHaveLength(100)
    for (const trace of capture.traces) {
      expect(spanTree(trace)).toBe(
        `${trace.name} · ok\n└─ tool ${trace.name.replace('turn ', 'tool ')} · ok`,
      )
    }
  })

  test('a trace takes no object for its output when something ran in it', async () => {
    const { client, capture } = recording()
    await client.trace('alone', () => ({ answer: 1 }))
    await client.trace('around', async () => {
      await client.span('agent', 'other', () => 'the answer')
      return { messages: ['a whole state'] }
    })
    expect(capture.traces.map(({ output }) => output)).toEqual([{ answer: 1 }, 'the answer'])
  })

  test('what starts in a span of a trace that has left is late as well, and no trace of its own', async () => {
    const { client, capture } = recording()
    let leave = (): void => {}
    let later: Promise<unknown> = Promise.resolve()
    await client.trace('answer', (trace) => {
      const left = new Promise<void>((resolve) => (leave = resolve))
      later = left.then(() =>
        trace.span('late', 'tool', () => client.span('inside', 'llm', () => 1)),
      )
    })
    leave()
    expect(await later).toBe(1)
    expect(capture.traces.map(spanTree)).toEqual(['answer · ok'])
  })

  test('a client that records nothing does not keep another from recording', async () => {
    const { client, capture } = recording()
    const off = new TruLayer({ mode: 'off' })
    await off.trace('off', (trace) => trace.span('off', 'tool', () => client.trace('on', () => 1)))
    expect(capture.traces.map(spanTree)).toEqual(['on · ok'])
  })

  test('results keep their types', () => {
    const client = new TruLayer({ mode: 'off' })
    expectTypeOf(client.trace('a', () => 1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(client.span('a', 'tool', async () => 'x')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(client.withSession({ sessionId: 's' }, () => 1)).toEqualTypeOf<number>()
  })
})

describe('what is active', () => {
  test('is known anywhere inside, and nothing is outside', async () => {
    const { client } = recording()
    expect(client.currentSpan()).toBeUndefined()
    await client.trace('answer', async (trace) => {
      expect(client.currentSpan()?.id).toBe(trace.id)
      await client.span('tool', 'tool', async (span) => {
        await pause(1)
        expect(client.currentSpan()?.id).toBe(span.id)
        expect(client.currentTrace()?.id).toBe(trace.id)
        expect(span.traceId).toBe(trace.id)
      })
    })
    expect(client.currentTrace()).toBeUndefined()
  })

  test('of a turn that is a single call the trace goes by its own id, not by the one of the call', async () => {
    const { client, capture } = recording()
    await client.span('search', 'tool', (span) => {
      const trace = client.currentTrace()
      expect(trace?.id).toBe(span.traceId)
      expect(client.currentSpan()?.id).toBe(span.id)
      expect(span.id).not.toBe(span.traceId)
      trace?.setTag('tier', 'gold')
    })
    expect(capture.traces[0]?.tags).toEqual({ tier: 'gold' })
  })

  test('suppressed calls record nothing and still hand over a span', async () => {
    const { client, capture } = recording()
    await client.trace('answer', () =>
      client.suppress(() =>
        client.trace('title', async (trace) => {
          trace.setInput('x')
          await trace.span('inner', 'tool', () => client.span('deeper', 'tool', () => 1))
          expect(trace.id).toMatch(/^[0-9a-f-]{36}$/)
        }),
      ),
    )
    expect(capture.traces.map(spanTree)).toEqual(['answer · ok'])
  })
})

describe('sessions', () => {
  test('lie over every turn inside, field by field, and the call wins', async () => {
    const { client, capture } = recording()
    await client.withSession(
      {
        sessionId: 's-1',
        userId: 'u-1',
        tags: { a: '1' },
        metadata: { m: 1 },
        traceName: 'named',
      },
      async () => {
        await client.trace('answer', () => 1)
        await client.withSession(
          { userId: 'u-2', tags: ['b', 'page:http://x:1'], metadata: { n: 2 } },
          () =>
            client.trace('answer', () => client.span('tool', 'tool', () => 1), {
              sessionId: 's-2',
              userId: 'u-3',
              tags: { a: '2' },
            }),
        )
      },
    )
    await client.trace('answer', () => 1)
    expect(capture.traces).toMatchObject([
      { name: 'named', sessionId: 's-1', userId: 'u-1', tags: { a: '1' }, metadata: { m: 1 } },
      {
        name: 'named',
        sessionId: 's-2',
        userId: 'u-3',
        tags: { a: '2', b: 'true', page: 'http://x:1' },
        metadata: { m: 1, n: 2 },
      },
      { name: 'answer', sessionId: capture.traces[2]?.id, tags: {} },
    ])
    expect(capture.traces[1]?.spans[0]?.name).toBe('tool')
  })
})

describe('options', () => {
  test.each([
    [
      { sampleRate: '1' },
      "option `sampleRate` must be a number from 0 to 1 or a function, not '1'.",
    ],
    [{ sampleRate: 20 }, 'option `sampleRate` must be a number from 0 to 1 or a function, not 20.'],
    [
      { mode: 'cloud' },
      "option `mode` must be 'live' or 'local' or 'replay' or 'off', not 'cloud'.",
    ],
    [{ headers: null }, /option `headers` must be an object .*, not null\./],
    [
      { exporters: [{ send: () => {} }] },
      'option `exporters` must be a list of exporters, each with a function `export`, not this list.',
    ],
    [
      { redact: { packs: ['strict'] } },
      'option `redact` must be a boolean or a function or a Redactor, as `new Redactor({ packs, rules })` makes one, not object.',
    ],
    [
      { redact: async (text: string) => text },
      /option `redact` must be .*, not an async function\./,
    ],
    [{ sampleRate: async () => 1 }, /option `sampleRate` must be .*, not an async function\./],
    [
      { spool: { folder: '/traces' } },
      'option `spool` must be a string or an object with a `directory`, not object.',
    ],
    [
      { headers: { 'x-team': 'a\r\nb' } },
      'option `headers` must be an object of header names and values that a request can carry, not object.',
    ],
    [{ headers: { 'bad name': 'x' } }, /option `headers` must be/],
    [{ headers: { 'x-team': 7 } }, /option `headers` must be/],
    [{ headers: new Headers({ 'x-team': 'a' }) }, /option `headers` must be/],
    [
      { flushInterval: -1 },
      'option `flushInterval` must be a number of milliseconds, not below 0, not -1.',
    ],
    [{ timeout: -1 }, /option `timeout` must be a number of milliseconds, not below 0, not -1\./],
    [{ limits: { grace: '1s' } }, "option `limits.grace` must be a number, not '1s'."],
    ['tl_key', 'the options must be an object, not string.'],
    [['tl_key'], 'the options must be an object, not this list.'],
    [null, 'the options must be an object, not null.'],
  ])('of the wrong type throw: %j', (options, message) => {
    expect(() => Reflect.construct(TruLayer, [options])).toThrow(message)
    expect(() => Reflect.construct(TruLayer, [options])).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    )
  })

  test('that do not exist are ignored, each with one warning that says what was meant', () => {
    const { lines, logger } = collectLog()
    const options = { apikey: 'tl_x', smapleRate: 1, project: 'x', packs: [], verbosity: 1 }
    Reflect.construct(TruLayer, [{ ...options, limits: { turns: 5, bytes: 6 }, logger }])
    expect(lines).toEqual([
      '[trulayer] there is no option `apikey`; it is ignored. Did you mean `apiKey`?',
      '[trulayer] there is no option `smapleRate`; it is ignored. Did you mean `sampleRate`?',
      '[trulayer] there is no option `project`; it is ignored. Did you mean `projectName`?',
      '[trulayer] `packs` is an option of a Redactor and is ignored here: pass `redact: new Redactor({ packs })`.',
      '[trulayer] there is no option `verbosity`; it is ignored.',
      '[trulayer] there is no option `limits.turns`; it is ignored. Did you mean `openTurns`?',
      '[trulayer] there is no option `limits.bytes`; it is ignored. Did you mean `openTurnBytes`?',
    ])
  })

  test.each([
    ['page', { window: {}, document: {} }],
    ['worker', { WorkerGlobalScope: Function, navigator: { userAgent: 'Mozilla/5.0 (X11)' } }],
  ])('a key in a browser throws, in a %s', (_, globals) => {
    vi.stubGlobal('process', { versions: {} })
    for (const [name, value] of Object.entries(globals)) {
      vi.stubGlobal(name, value)
    }
    try {
      expect(() => new TruLayer({ apiKey: 'tl_x' })).toThrow(
        expect.objectContaining({ code: 'key-in-browser' }),
      )
      expect(new TruLayer().stats().state).toBe('disabled')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('a key on a server throws nowhere, whatever the server imitates', () => {
    vi.stubGlobal('process', { versions: {} })
    vi.stubGlobal('WorkerGlobalScope', Function)
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    try {
      expect(new TruLayer({ apiKey: 'tl_x' }).stats().state).toBe('active')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('errors of another copy are recognised', () => {
    const error = new TruLayerError('invalid-option', 'x')
    expect(TruLayerError.isInstance(error)).toBe(true)
    expect(TruLayerError.isInstance(new Error('x'))).toBe(false)
  })
})

test('a logger that throws harms nobody', async () => {
  const fail = (): never => {
    throw new Error('disk full')
  }
  const client = new TruLayer({ logger: { debug: fail, warn: fail, error: fail }, debug: true })
  expect(await client.trace('answer', () => 'x')).toBe('x')
})

describe('without a key', () => {
  test('nothing is recorded and nothing throws, which is told once', async () => {
    const { lines, logger } = collectLog()
    const client = new TruLayer({ logger })
    expect(lines).toEqual([])
    for (const _ of [1, 2]) {
      expect(await client.trace('answer', () => 'x')).toBe('x')
    }
    expect(lines).toEqual([
      '[trulayer] no API key, so nothing is recorded: set TRULAYER_API_KEY or pass `apiKey`; without an account set TRULAYER_MODE=local.',
    ])
    expect(client.stats()).toMatchObject({ state: 'disabled', traces: { recorded: 0 } })
    expect(await client.flush()).toEqual({ delivered: 0, pending: 0, dropped: 0 })
  })

  test('it starts when a key comes', async () => {
    const { logger } = collectLog()
    const client = new TruLayer({ logger, exitHooks: false })
    await client.trace('before', () => 1)
    vi.stubEnv('TRULAYER_API_KEY', 'tl_late')
    try {
      await client.trace('after', () => 1)
    } finally {
      vi.unstubAllEnvs()
    }
    expect(client.stats()).toMatchObject({ state: 'active', traces: { recorded: 1 } })
  })

  test('a key of an unknown kind is reported and sent', () => {
    const { lines, logger } = collectLog()
    expect(new TruLayer({ apiKey: 'my-123', logger }).stats().state).toBe('active')
    expect(lines.join()).toContain('does not begin with `tl_`')
    expect(lines.join()).not.toContain('my-123')
  })

  test.each([
    ['sk-proj-123', 'begins with `sk-`, as keys of OpenAI or a service like it do'],
    ['sk-ant-api03-123', 'begins with `sk-ant-`, as keys of Anthropic do'],
    ['pk-lf-123', 'begins with `pk-lf-`, as keys of Langfuse do'],
    ['lsv2_pt_123', 'begins with `lsv2_`, as keys of LangSmith do'],
    ['"tl_0123456789abcdef"', 'is in quotes'],
    ['“tl_0123456789abcdef”', 'is in quotes'],
  ])('the key %s is not sent, in one line', async (apiKey, problem) => {
    await using server = await startIngestServer()
    const { lines, logger } = collectLog()
    const client = new TruLayer({ apiKey, endpoint: server.url, logger, exitHooks: false })
    expect(await client.trace('answer', () => 1)).toBe(1)
    await client.flush()
    expect(client.stats()).toMatchObject({ state: 'disabled', traces: { recorded: 0 } })
    expect(lines).toEqual([expect.stringContaining(`[trulayer] the API key ${problem}`)])
    expect(lines[0]).toContain('it is not sent and nothing is recorded')
    expect(lines[0]).not.toContain('123')
    expect(server.requests).toEqual([])
  })

  test('a runtime that is too old records nothing, in one line, and changes nothing', async () => {
    const { lines, logger } = collectLog()
    // As on Node 18.
    const { toSorted } = Array.prototype
    Reflect.deleteProperty(Array.prototype, 'toSorted')
    let results: unknown[]
    try {
      const client = new TruLayer({ apiKey: 'tl_test', logger })
      results = [
        await client.trace('answer', (trace) => trace.span('step', 'tool', () => 'hello')),
        await client.flush(),
        client.stats().state,
        await client.shutdown(),
      ]
    } finally {
      Reflect.defineProperty(Array.prototype, 'toSorted', {
        value: toSorted,
        writable: true,
        configurable: true,
      })
    }
    const nothing = { delivered: 0, pending: 0, dropped: 0 }
    expect(results).toEqual(['hello', nothing, 'disabled', nothing])
    expect(lines).toEqual([
      `[trulayer] node ${process.versions.node} is too old: @trulayer/core needs Node.js 20.19 or later. ` +
        'Nothing is recorded, and the program is not affected.',
    ])
  })
})

describe('modes', () => {
  test('local keeps traces in memory, without key or socket', async () => {
    clearTraces()
    const client = new TruLayer({ mode: 'local', exitHooks: false })
    const working = client.trace('answer', () => pause(20))
    expect((await lastTrace({ client })).name).toBe('answer')
    await working
    expect(client.stats()).toMatchObject({ state: 'active', traces: { recorded: 1, sent: 1 } })
  })

  test('local keeps the latest thousand', async () => {
    clearTraces()
    const client = new TruLayer({ mode: 'local', exitHooks: false })
    for (let index = 0; index < 1005; index += 1) {
      await client.trace(`turn ${index}`, () => index)
    }
    expect((await lastTrace({ client })).name).toBe('turn 1004')
  })

  test('off records nothing and says nothing', async () => {
    const { lines, logger } = collectLog()
    const client = new TruLayer({ mode: 'off', logger })
    await client.trace('answer', () => 1)
    expect(client.stats()).toMatchObject({ state: 'off', traces: { recorded: 0 } })
    expect(lines).toEqual([])
  })

  test('a wrong word in the environment is told and ignored', () => {
    const { lines, logger } = collectLog()
    vi.stubEnv('TRULAYER_MODE', 'cloud')
    vi.stubEnv('TRULAYER_SAMPLE_RATE', '120%')
    vi.stubEnv('TRULAYER_DEBUG', 'verbose')
    vi.stubEnv('TRULAYER_FAIL_MODE', 'throw')
    try {
      expect(new TruLayer({ logger, apiKey: 'tl_x' }).stats().state).toBe('active')
    } finally {
      vi.unstubAllEnvs()
    }
    expect(lines).toEqual([
      "[trulayer] TRULAYER_DEBUG is 'verbose' and is ignored: it may be 1, true, payload, 0, false.",
      "[trulayer] TRULAYER_MODE is 'cloud' and is ignored: it may be live, local, replay, off.",
      "[trulayer] TRULAYER_SAMPLE_RATE is '120%' and is ignored: it must be a number from 0 to 1.",
      "[trulayer] TRULAYER_FAIL_MODE is 'throw' and is ignored: it may be drop, block.",
    ])
  })

  test.each([
    ['1', true],
    ['true', true],
    ['payload', true],
    ['0', false],
    ['false', false],
  ])('TRULAYER_DEBUG=%s', async (value, isOn) => {
    const { lines, logger } = collectLog()
    vi.stubEnv('TRULAYER_DEBUG', value)
    try {
      const client = new TruLayer({ mode: 'local', exitHooks: false, logger })
      await client.trace('answer', () => 1)
      await client.flush()
    } finally {
      vi.unstubAllEnvs()
    }
    expect(lines.some((line) => line.endsWith('\nanswer · ok'))).toBe(isOn)
  })

  test('an option wins over the environment', () => {
    vi.stubEnv('TRULAYER_MODE', 'off')
    try {
      expect(new TruLayer().stats().state).toBe('off')
      expect(new TruLayer({ mode: 'local' }).stats().state).toBe('active')
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('exporters', () => {
  test('get what left the policy; listeners too; a failing one harms nobody', async () => {
    const taken: string[] = []
    const problems: string[] = []
    const { logger } = collectLog()
    const client = new TruLayer({
      logger,
      exitHooks: false,
      redact: (value) => value.replace('secret', '***'),
      exporters: [
        { export: (traces) => void taken.push(...traces.map((trace) => trace.name)) },
        { export: () => Promise.reject(new Error('down')) },
        {
          export: () => {
            throw new Error('broken')
          },
        },
      ],
    })
    client.onError((problem) => problems.push(problem.reason))
    const off = client.onTrace((trace) => taken.push(`heard ${trace.name}`))
    await client.trace('secret answer', () => 1)
    await client.flush()
    off()
    await client.trace('another', () => 1)
    await client.flush()
    expect(taken).toEqual(['heard *** answer', '*** answer', 'another'])
    expect(problems).toEqual(['export_failed', 'export_failed', 'export_failed', 'export_failed'])
    expect(client.stats().traces).toMatchObject({ recorded: 2, sent: 2 })
  })

  test('nothing is done on the stack of the call that ended the turn', async () => {
    const order: string[] = []
    const client = new TruLayer({
      exitHooks: false,
      exporters: [{ export: () => void order.push('exported') }],
    })
    await client.trace('answer', () => order.push('worked'))
    order.push('answered')
    await eventually(() => expect(order).toEqual(['worked', 'answered', 'exported']))
  })

  test('with failMode block a flush rejects with the cause when traces were lost', async () => {
    const { logger } = collectLog()
    const cause = new Error('disk full')
    const client = new TruLayer({
      logger,
      exitHooks: false,
      failMode: 'block',
      exporters: [{ export: () => Promise.reject(cause) }],
    })
    await client.trace('answer', () => 1)
    await expect(client.flush()).rejects.toMatchObject({
      code: 'delivery-failed',
      cause: { reason: 'export_failed', cause },
    })
  })

  test('with failMode block a flush tells of what was lost since the one before, once', async () => {
    const { logger } = collectLog()
    const answers = [() => Promise.reject(new Error('disk full'))]
    const client = new TruLayer({
      logger,
      exitHooks: false,
      failMode: 'block',
      exporters: [{ export: () => answers.shift()?.() }],
    })
    await client.trace('lost', () => 1)
    await eventually(() => expect(client.stats().traces.dropped).toEqual({ export_failed: 1 }))
    await expect(client.flush()).rejects.toMatchObject({ code: 'delivery-failed' })
    await client.trace('kept', () => 1)
    expect(await client.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
  })

  test('what one of several exporters loses is told, and each trace counts once', async () => {
    const { logger } = collectLog()
    const problems: unknown[] = []
    const client = new TruLayer({
      logger,
      exitHooks: false,
      exporters: [{ export: () => {} }, { export: () => Promise.reject(new Error('disk full')) }],
    })
    client.onError((problem) => problems.push(problem))
    await client.trace('turn', () => 1)
    await client.flush()
    expect(client.stats().traces).toMatchObject({ recorded: 1, sent: 1, dropped: {} })
    expect(problems).toMatchObject([{ reason: 'export_failed', dropped: 1 }])
  })
})

describe('flush', () => {
  test('never cuts a turn that is running, unless asked to close it', async () => {
    const taken: string[] = []
    const client = new TruLayer({
      exitHooks: false,
      exporters: [{ export: (traces) => void taken.push(...traces.map(spanTree)) }],
    })
    let finish = (): void => {}
    const running = client.trace('long', () => new Promise<void>((resolve) => (finish = resolve)))
    void client.trace('short', async () => 'x')
    await client.flush()
    expect(taken).toEqual(['short · ok'])
    await client.flush({ open: 'close' })
    expect(taken).toEqual(['short · ok', 'long · incomplete'])
    finish()
    await running
    expect(client.stats().traces.late).toBe(1)
  })

  test('is bounded in time whatever an exporter does', async () => {
    const client = new TruLayer({
      exitHooks: false,
      exporters: [
        { export: () => new Promise<void>(() => {}) },
        { export: () => {}, flush: () => new Promise<void>(() => {}) },
      ],
    })
    await client.trace('answer', () => 1)
    const started = performance.now()
    await client.flush({ timeout: 50 })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test('shutdown closes everything once, and nothing is recorded afterwards', async () => {
    const shutdown = vi.fn(async () => {})
    const client = new TruLayer({ exitHooks: false, exporters: [{ export: () => {}, shutdown }] })
    void client.trace('long', () => new Promise(() => {}))
    const [one, two] = await Promise.all([client.shutdown(), client.shutdown()])
    expect(one).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(two).toEqual(one)
    expect(shutdown).toHaveBeenCalledOnce()
    expect(await client.trace('later', () => 'works')).toBe('works')
    expect(client.stats()).toMatchObject({ state: 'closed', traces: { recorded: 1 } })
  })
})

describe('feedback', () => {
  const feedback = { traceId: '0190f5fe-7c00-7a00-8000-00000000abcd', label: 'good' } as const
  const shutDown = new TruLayer({ apiKey: 'tl_x', exitHooks: false })

  test.each([
    [
      new TruLayer(),
      'disabled',
      'there is no usable API key: set TRULAYER_API_KEY or pass `apiKey`',
    ],
    [new TruLayer({ mode: 'local' }), 'local', 'in mode local nothing is sent'],
    [new TruLayer({ mode: 'off' }), 'off', 'in mode off nothing is sent'],
    [shutDown, 'closed', 'the client was shut down'],
  ])('that goes nowhere says why: %#', async (client, reason, detail) => {
    await shutDown.shutdown()
    expect(await client.submitFeedback(feedback)).toEqual({
      accepted: false,
      reason,
      message: `Feedback was not taken: ${detail}.`,
    })
  })

  test.each([{ label: 'good' }, { ...feedback, label: 'great' }, { ...feedback, traceId: 7 }])(
    'that is none is a mistake in code: %j',
    async (mistake) => {
      const client = new TruLayer({ mode: 'local' })
      // @ts-expect-error -- what the types refuse, a program without them may hand over
      await expect(client.submitFeedback(mistake)).rejects.toMatchObject({
        code: 'invalid-argument',
      })
    },
  )
})

describe('the global client', () => {
  test('the same options give the same client, others replace it', async () => {
    const first = init({ mode: 'local', headers: { a: '1' } })
    expect(init({ mode: 'local', headers: { a: '1' } })).toBe(first)
    expect(getClient()).toBe(first)
    const second = init({ mode: 'off' })
    expect(getClient()).toBe(second)
    await eventually(() => expect(first.stats().state).toBe('closed'))
  })

  test('one that was shut down is not given again', async () => {
    const first = init({ mode: 'local' })
    const closing = first.shutdown()
    const second = init({ mode: 'local' })
    expect(second).not.toBe(first)
    await closing
    expect(getClient()).toBe(second)
    expect(second.stats().state).toBe('active')
    await second.shutdown()
  })
})

describe('costs', () => {
  test('that a span knows go before the function, which is asked about model calls alone', async () => {
    const asked: (string | undefined)[] = []
    const { client, capture } = recording({
      costOf: ({ model }) => {
        asked.push(model)
        return 9
      },
    })
    await client.trace('answer', async () => {
      await client.span('chat own', 'llm', (span) => {
        span.setModel('own')
        span.setCost(0.25)
      })
      await client.span('search', 'tool', () => 1)
    })
    expect(capture.traces[0]?.spans.map(({ cost }) => cost)).toEqual([0.25, undefined])
    expect(asked).toEqual([])
  })

  test('of a function that throws are unknown, which is told once', async () => {
    const { lines, logger } = collectLog()
    const costOf = (): number => {
      throw new Error('no price')
    }
    const { client, capture } = recording({ costOf, logger })
    await client.span('chat a', 'llm', () => 1)
    await client.span('chat b', 'llm', () => 1)
    expect(capture.traces.map(({ spans }) => spans[0]?.cost)).toEqual([undefined, undefined])
    expect(lines).toEqual(['[trulayer] costOf threw: Error: no price'])
  })

  test('come from the function where the span knows none', async () => {
    const { client, capture } = recording({
      costOf: ({ model, usage }) =>
        model === 'own' ? (usage?.promptTokens ?? 0) / 1000 : undefined,
    })
    await client.span('chat own', 'llm', (span) => {
      span.setModel('own')
      span.setTokens({ promptTokens: 500 })
    })
    expect(capture.traces[0]?.spans[0]?.cost).toBe(0.5)
  })

  test('that the span was told win, and the function is asked for model calls alone', async () => {
    const asked: unknown[] = []
    const { client, capture } = recording({
      costOf: (question) => {
        asked.push(question)
        return 9
      },
    })
    await client.trace('answer', async (trace) => {
      await trace.span('search', 'retrieval', (span) => span.setCost(0.25))
      await trace.span('chat told', 'llm', (span) => span.setCost(0))
      await trace.span(
        'chat own',
        { type: 'llm', metadata: { 'gen_ai.provider.name': 'own.cloud' } },
        (span) => span.setModel('own'),
      )
    })
    expect(capture.traces[0]?.spans.map(({ cost }) => cost)).toEqual([0.25, 0, 9])
    expect(asked).toEqual([{ model: 'own', provider: 'own.cloud', usage: undefined }])
  })

  test('the function wins over the provider, and the provider where it returns nothing', async () => {
    const { client, capture } = recording({
      costOf: ({ model, reportedCost }) =>
        model === 'marked-up' ? 2 * (reportedCost ?? 0) : undefined,
    })
    await client.trace('answer', () => {
      const recorder = resolveRecorder(client)
      for (const model of ['marked-up', 'known']) {
        recorder.end(
          recorder.start({ name: `chat ${model}`, type: 'llm', model, reportedCost: 0.5 }),
        )
      }
    })
    expect(capture.traces[0]?.spans.map(({ cost }) => cost)).toEqual([1, 0.5])
  })

  test('stand on the wire as the cost and in the metadata, and add up', async () => {
    const { client, capture } = recording({ costOf: ({ usage }) => usage?.completionTokens })
    await client.trace('sum', async (trace) => {
      await trace.span('chat a', 'llm', (span) => span.setTokens({ completionTokens: 2 }))
      await trace.span('chat b', 'llm', (span) => span.setCost(0.5))
      await trace.span('chat c', 'llm', () => 1)
    })
    await client.trace('told', async (trace) => {
      trace.setCost(4)
      await trace.span('chat a', 'llm', (span) => span.setCost(0.5))
    })
    const [sum, told] = capture.traces.map((trace) => toWireTrace(trace))
    expect(sum?.cost).toBe(2.5)
    expect(sum?.metadata['cost_usd']).toBeUndefined()
    expect(sum?.spans.map(({ cost, metadata }) => [cost, metadata['cost_usd']])).toEqual([
      [2, 2],
      [0.5, 0.5],
      [undefined, undefined],
    ])
    expect(told).toMatchObject({ cost: 4, metadata: { cost_usd: 4 } })
    // As a replay file brings it back.
    expect(fromWireTrace(told)).toMatchObject({ cost: 4, spans: [{ cost: 0.5 }] })
  })

  test.each([
    ['is not a number', () => 'free'],
    ['is negative', () => -1],
    ['is no finite number', () => Number.NaN],
    ['is a promise', () => Promise.reject(new Error('later'))],
    [
      'is thrown',
      () => {
        throw new Error('no such model')
      },
    ],
  ])('an answer that %s is left out, which is told once', async (_, costOf) => {
    const { lines, logger } = collectLog()
    const options = { apiKey: 'tl_test', exitHooks: false, logger, costOf }
    const client: unknown = Reflect.construct(TruLayer, [options])
    if (!(client instanceof TruLayer)) {
      throw new TypeError('no client')
    }
    const capture = captureTraces({ client })
    for (const name of ['chat one', 'chat two']) {
      await client.span(name, 'llm', (span) => span.setCost(Number.NaN))
    }
    expect(capture.traces).toHaveLength(2)
    for (const trace of capture.traces) {
      expect(toWireTrace(trace)).not.toHaveProperty('cost')
    }
    expect(lines).toEqual([expect.stringContaining('costOf ')])
  })
})
