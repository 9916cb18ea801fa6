import { describe, expect, test, vi } from 'vitest'
import { captureTraces } from '../../src/testing/index.ts'
import { createRelay } from '../../src/relay/create-relay.ts'
import type { RelayItem, RelayOptions } from '../../src/relay/relay-options.ts'
import { idOf, makeGate } from '../deliver/support.ts'
import { KEY, pageTrace, requestOf, type SendDetails, startRelay, thumb } from './support.ts'

async function answerOf(response: Response): Promise<[number, unknown]> {
  return [response.status, await response.json()]
}

describe('feedback', () => {
  test('goes to the service with the key of the server', async () => {
    await using rig = await startRelay()
    const body = thumb({ score: 1, comment: 'quick' })
    expect(await answerOf(await rig.send(body))).toEqual([201, {}])
    expect(rig.server.feedback).toEqual([body])
    expect(rig.server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  test('passes the redaction of the server', async () => {
    await using rig = await startRelay({}, { redact: (value) => value.replaceAll('Ada', '***') })
    await rig.send(thumb({ comment: 'Ada was here', metadata: { name: 'Ada' } }))
    expect(rig.server.feedback).toMatchObject([
      { comment: '*** was here', metadata: { name: '***' } },
    ])
  })

  test('waits for its trace, and is sent once though it was asked for twice meanwhile', async () => {
    await using rig = await startRelay()
    const gate = makeGate()
    const turn = rig.client.trace('answer', () => gate.opened, { id: idOf(77) })
    const body = thumb({ trace_id: idOf(77) })
    const answers = [rig.send(body), rig.send(body)]
    gate.open()
    await turn
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([201, 201])
    expect(rig.server.requests.map(({ path }) => path)).toEqual([
      '/v1/ingest/batch',
      '/v1/feedback',
    ])
  })

  test('that is given again later is sent again', async () => {
    await using rig = await startRelay()
    await rig.send(thumb())
    await rig.send(thumb())
    expect(rig.server.feedback).toEqual([thumb(), thumb()])
  })

  test('no more than 1,000 pieces wait', async () => {
    await using rig = await startRelay()
    const gate = makeGate()
    const turn = rig.client.trace('answer', () => gate.opened, { id: idOf(76) })
    const answers = Array.from({ length: 1001 }, (_, score) =>
      rig.send(thumb({ trace_id: idOf(76), score })),
    )
    expect((await Promise.race(answers)).status).toBe(503)
    gate.open()
    await turn
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1000)
  })

  test('on a trace that was not sampled says so', async () => {
    await using rig = await startRelay({}, { sampleRate: 0 })
    await rig.client.trace('answer', () => 1, { id: idOf(78) })
    expect(await answerOf(await rig.send(thumb({ trace_id: idOf(78) })))).toEqual([
      422,
      { code: 'sampled_out', message: 'its trace was not sampled' },
    ])
    expect(rig.server.requests).toEqual([])
  })

  test.each([
    [{ status: 401, body: { error: 'invalid_api_key', hint: KEY } }],
    [{ status: 403, body: { code: 'error.project.archived' } }],
    [{ status: 400, body: { error: `no such trace for ${KEY}` } }],
  ])('of an answer like %j nothing but a word reaches the page', async (reply) => {
    await using rig = await startRelay({}, {}, { answer: () => reply })
    expect(await answerOf(await rig.send(thumb()))).toEqual([
      422,
      { code: 'unavailable', message: 'nobody takes it' },
    ])
  })

  test('without a key on the server is refused, and told there alone', async () => {
    await using rig = await startRelay({}, { apiKey: undefined })
    expect((await rig.send(thumb())).status).toBe(422)
    expect(rig.client.stats().state).toBe('disabled')
  })
})

describe('traces', () => {
  test('are those of the server from then on: its project, its environment, its policy, its counts', async () => {
    await using rig = await startRelay(
      { allow: ['traces'] },
      {
        projectName: 'support',
        environment: 'production',
        redact: (value) => value.replaceAll('question', '***'),
      },
    )
    const sent = pageTrace(1, {
      metadata: { 'deployment.environment.name': 'forged', page: '/chat' },
      events: [
        { id: idOf(5), span_id: idOf(1_000_001), level: 'warn', message: 'slow', metadata: {} },
      ],
    })
    expect(await answerOf(await rig.send({ traces: [sent] }))).toEqual([
      201,
      { ingested: 1, ids: [idOf(1)] },
    ])
    await rig.client.flush()
    expect(rig.server.refused).toEqual([])
    expect(rig.server.traces).toMatchObject([
      {
        id: idOf(1),
        project_id: 'support',
        input: '*** 1',
        metadata: {
          page: '/chat',
          'deployment.environment.name': 'production',
          'trulayer.relayed': true,
        },
        spans: [{ type: 'llm', prompt_tokens: 3, completion_tokens: 4 }],
        events: [{ level: 'warn', message: 'slow', span_id: idOf(1_000_001) }],
      },
    ])
    expect(rig.client.stats()).toMatchObject({
      traces: { recorded: 1, sent: 1 },
      spans: { recorded: 1 },
    })
  })

  test('may come several at once', async () => {
    await using rig = await startRelay({ allow: ['traces'] })
    expect((await rig.send({ traces: [pageTrace(1), pageTrace(2)] })).status).toBe(201)
    await rig.client.flush()
    expect(rig.server.traces.map(({ id }) => id)).toEqual([idOf(1), idOf(2)])
  })

  test('that come again are taken again and sent once', async () => {
    await using rig = await startRelay({ allow: ['traces'] })
    for (const _ of [1, 2]) {
      expect((await rig.send({ traces: [pageTrace(1)] })).status).toBe(201)
    }
    await rig.client.flush()
    expect(rig.server.traces).toHaveLength(1)
    expect(rig.server.requests).toHaveLength(1)
  })

  test('are caught in tests as those of the program are', async () => {
    await using rig = await startRelay({ allow: ['traces'] })
    const capture = captureTraces({ client: rig.client })
    await rig.send({ traces: [pageTrace(1)] })
    expect(capture.traces.map(({ id }) => id)).toEqual([idOf(1)])
    capture.stop()
  })

  test('without a key on the server are kept by the page', async () => {
    await using rig = await startRelay({ allow: ['traces'] }, { apiKey: undefined })
    expect((await rig.send({ traces: [pageTrace(1)] })).status).toBe(503)
  })

  const span = pageTrace(1).spans[0]
  const other = { ...span, id: idOf(2_000_000) }
  const forged: [string, object][] = [
    ['of another project', { project_id: 'payroll' }],
    ['with a field that the wire has not', { admin: true }],
    ['with the id of nothing', { id: 'one' }],
    ['with an id in upper case', { id: idOf(0xabc).toUpperCase() }],
    ['without a session', { session_id: undefined }],
    ['of next year', { ended_at: new Date(Date.now() + 4e10).toISOString() }],
    ['of last year', { started_at: '2025-01-01T00:00:00Z' }],
    ['without a beginning', { started_at: null }],
    ['of an instant in other words', { started_at: new Date().toUTCString() }],
    ['of a negative cost', { cost: -1 }],
    ['whose input is no text', { input: { text: 'x' } }],
    ['whose tags are no texts', { tags: { tier: { $gt: '' } } }],
    ['without spans', { spans: undefined }],
    ['with a span of another trace', { spans: [{ ...span, trace_id: idOf(9) }] }],
    ['with a span under nothing', { spans: [{ ...span, parent_span_id: idOf(9) }] }],
    ['with a span under itself', { spans: [{ ...span, parent_span_id: span?.id }] }],
    [
      'with spans in a circle',
      {
        spans: [
          { ...span, parent_span_id: other.id },
          { ...other, parent_span_id: span?.id },
        ],
      },
    ],
    ['with a span twice', { spans: [span, span] }],
    ['with a span of no type', { spans: [{ ...span, type: 'agent' }] }],
    ['with a span of a field that the wire has not', { spans: [{ ...span, key: 'x' }] }],
    ['with negative tokens', { spans: [{ ...span, prompt_tokens: -5 }] }],
    ['with half a token', { spans: [{ ...span, prompt_tokens: 0.5 }] }],
    ['with a span that is none', { spans: ['span'] }],
    [
      'with an event of no span',
      { events: [{ id: idOf(5), span_id: idOf(9), level: 'info', message: '' }] },
    ],
    ['with an event that is none', { events: [null] }],
  ]
  test.each(forged)('a forged one is refused: %s', async (_, details) => {
    await using rig = await startRelay({ allow: ['traces'] })
    const traces = [pageTrace(2), { ...pageTrace(1), ...details }]
    const [status, answer] = await answerOf(await rig.send({ traces }))
    expect(status).toBe(422)
    expect(answer).toEqual({ error: expect.stringMatching(/./) })
    expect(rig.client.stats().traces.recorded).toBe(0)
  })

  test('one that takes the id of a trace of the server is refused, so that the real one arrives', async () => {
    await using rig = await startRelay({ allow: ['traces'] })
    const gate = makeGate()
    const turn = rig.client.trace('answer', () => gate.opened, { id: idOf(79) })
    expect(await answerOf(await rig.send({ traces: [pageTrace(79)] }))).toEqual([
      422,
      { error: 'the id belongs to a trace of the server' },
    ])
    gate.open()
    await turn
    expect((await rig.send({ traces: [pageTrace(79)] })).status).toBe(422)
    await rig.client.flush()
    expect(rig.server.traces).toMatchObject([{ id: idOf(79), name: 'answer' }])
  })

  test.each([
    ['none', { traces: [] }],
    ['no list', { traces: 'all' }],
    ['something besides', { traces: [pageTrace(1)], project_id: 'payroll' }],
  ])('a batch with %s is refused', async (_, body) => {
    await using rig = await startRelay({ allow: ['traces'] })
    expect((await rig.send(body)).status).toBe(422)
  })
})

describe('what may be sent', () => {
  test.each<[string, RelayOptions, object]>([
    ['traces, unless they are allowed', {}, { traces: [pageTrace(1)] }],
    ['feedback, where traces alone are allowed', { allow: ['traces'] }, thumb()],
    ['anything, where nothing is allowed', { allow: [] }, thumb()],
  ])('not %s', async (_, options, body) => {
    await using rig = await startRelay(options)
    expect((await rig.send(body)).status).toBe(403)
    expect(rig.server.requests).toEqual([])
  })

  test.each([
    ['no feedback', {}],
    ['a list', [thumb()]],
    ['an id that is none', thumb({ trace_id: 'x' })],
    ['no id', thumb({ trace_id: undefined })],
    ['a label of its own', thumb({ label: 'great' })],
    ['a score that is none', thumb({ score: '5' })],
    ['a comment that is none', thumb({ comment: ['x'] })],
    ['a comment without end', thumb({ comment: 'x'.repeat(10_001) })],
    ['metadata that is none', thumb({ metadata: ['x'] })],
    ['metadata that is deep', thumb({ metadata: { a: { b: 1 } } })],
    ['metadata that is large', thumb({ metadata: { a: 'x'.repeat(501) } })],
    [
      'metadata without end',
      thumb({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, key) => [key, 1])) }),
    ],
    ['a field of its own', thumb({ project_id: 'payroll' })],
  ])('feedback with %s is refused', async (_, body) => {
    await using rig = await startRelay()
    expect((await rig.send(body)).status).toBe(422)
    expect(rig.server.requests).toEqual([])
  })

  test('has the last word of the host, who sees what was understood and the request', async () => {
    const asked: RelayItem[] = []
    await using rig = await startRelay({
      allow: ['feedback', 'traces'],
      authorize: async (item, request) => {
        asked.push(item)
        return request.headers.get('cookie') === 'user=ada' && item.kind === 'feedback'
      },
    })
    const headers = { cookie: 'user=ada' }
    expect((await rig.send(thumb(), { headers })).status).toBe(201)
    expect((await rig.send(thumb())).status).toBe(403)
    expect((await rig.send({ traces: [pageTrace(1)] }, { headers })).status).toBe(403)
    expect(asked).toMatchObject([
      { kind: 'feedback', feedback: { traceId: idOf(1), label: 'good' } },
      { kind: 'feedback' },
      { kind: 'traces', trace: { id: idOf(1), sessionId: 'session' } },
    ])
    expect(rig.server.requests).toHaveLength(1)
  })

  test('is refused where the host’s word is an exception', async () => {
    await using rig = await startRelay({
      authorize: () => {
        throw new Error(KEY)
      },
    })
    const response = await rig.send(thumb())
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain(KEY)
  })
})

describe('where it may come from', () => {
  const own = { host: 'https://shop.example' }
  test.each<[string, Readonly<Record<string, string | undefined>>, number]>([
    ['a page of the relay’s own host', {}, 201],
    ['one that the relay sees as another scheme', { origin: 'http://shop.example' }, 201],
    [
      'one whose host a proxy has hidden',
      { origin: 'https://www.example', 'sec-fetch-site': 'same-origin' },
      201,
    ],
    ['an origin that is allowed', { origin: 'https://app.example' }, 201],
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    [
      'a foreign origin that says more',
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['a host that merely begins so', { origin: 'https://shop.example.evil.example' }, 403],
    ['a host that merely ends so', { origin: 'https://evilshop.example' }, 403],
    ['another port', { origin: 'https://shop.example:8443' }, 403],
    ['a page without an origin (a sandbox, a file)', { origin: 'null' }, 403],
    ['no page', { origin: undefined }, 403],
  ])('%s', async (_, headers, status) => {
    await using rig = await startRelay({ allowedOrigins: ['https://App.example/'] })
    expect((await rig.send(thumb(), { headers: { ...own, ...headers } })).status).toBe(status)
    expect(rig.server.feedback).toHaveLength(status === 201 ? 1 : 0)
  })

  test('an allowed origin may ask first, and read the answer; no other may', async () => {
    await using rig = await startRelay({ allowedOrigins: ['https://app.example'] })
    const preflight = (origin: string): Promise<Response> =>
      rig.send(undefined, { method: 'OPTIONS', headers: { origin, 'content-type': undefined } })
    const allowed = await preflight('https://app.example')
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toEqual({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        'content-type, x-trulayer-attempt, x-trulayer-batch, x-trulayer-dropped',
      'access-control-max-age': '600',
      vary: 'Origin',
    })
    const refused = await preflight('https://evil.example')
    expect(refused.status).toBe(403)
    expect(refused.headers.has('access-control-allow-origin')).toBe(false)
    const answer = await rig.send(thumb(), { headers: { origin: 'https://app.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })
})

/* A request whose body comes piece by piece. */
function streamed(body: ReadableStream<Uint8Array>): Request {
  const { url, headers } = requestOf('')
  const options = { method: 'POST', headers, body, duplex: 'half' }
  return new Request(url, options)
}

describe('how it must come', () => {
  test.each<[string, unknown, SendDetails, number]>([
    ['by GET', undefined, { method: 'GET' }, 405],
    ['as a form', thumb(), { headers: { 'content-type': 'text/plain' } }, 415],
    ['without saying as what', thumb(), { headers: { 'content-type': undefined } }, 415],
    ['compressed', thumb(), { headers: { 'content-encoding': 'gzip' } }, 415],
    ['broken', '{"trace_id":', {}, 400],
    ['empty', '', {}, 400],
    [
      'as JSON in another spelling',
      thumb(),
      { headers: { 'content-type': 'Application/JSON;charset=UTF-8' } },
      201,
    ],
  ])('%s', async (_, body, details, status) => {
    await using rig = await startRelay()
    expect((await rig.send(body, details)).status).toBe(status)
  })

  test('an oversized body is refused, and not read to its end', async () => {
    await using rig = await startRelay({ limits: { bodyBytes: 1000 } })
    expect((await rig.send(thumb({ comment: 'x'.repeat(1000) }))).status).toBe(413)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(100).fill(32))
      },
    })
    expect((await rig.relay(streamed(endless))).status).toBe(413)
    expect(pulled).toBeLessThan(20)
  })

  test('a body that says it is too large is refused unread', async () => {
    await using rig = await startRelay()
    const pull = vi.fn()
    const request = streamed(new ReadableStream({ pull }, { highWaterMark: 0 }))
    request.headers.set('content-length', '262145')
    expect((await rig.relay(request)).status).toBe(413)
    expect(pull).not.toHaveBeenCalled()
  })

  test('up to 256 KiB are read where nothing else is said', async () => {
    await using rig = await startRelay()
    const statusOf = async (length: number): Promise<number> =>
      (await rig.send(thumb({ comment: 'x'.repeat(length) }))).status
    expect([await statusOf(262_000), await statusOf(262_144)]).toEqual([422, 413])
  })

  test('a body that breaks off is refused', async () => {
    await using rig = await startRelay()
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('gone')),
    })
    expect((await rig.relay(streamed(broken))).status).toBe(400)
  })
})

describe('how often', () => {
  test('none at all', async () => {
    await using rig = await startRelay({ limits: { perMinute: 0 } })
    const response = await rig.send(thumb())
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60'])
  })

  test('so many requests of all visitors are taken, and the next is told when to come back', async () => {
    await using rig = await startRelay({ limits: { perMinute: 3 } })
    const statuses: number[] = []
    for (const index of [1, 2, 3]) {
      statuses.push((await rig.send(thumb({ score: index }))).status)
    }
    const late = await rig.send(thumb())
    expect([...statuses, late.status]).toEqual([201, 201, 201, 429])
    const wait = Number(late.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(20)
  })

  test('60 a minute of one visitor, where nothing else is said', async () => {
    await using rig = await startRelay({ visitorOf: () => 'ada' })
    const startedAt = performance.now()
    let taken = 0
    // Refused for what it is, so that nothing waits for the service.
    while ((await rig.send({})).status === 422) {
      taken += 1
    }
    // One a second comes back meanwhile.
    const back = Math.ceil((performance.now() - startedAt) / 1000)
    expect(taken).toBeGreaterThanOrEqual(60)
    expect(taken).toBeLessThanOrEqual(60 + back)
  })

  test('so many of one visitor, who takes nothing of what is everybody’s', async () => {
    const visitorOf = vi.fn((request: Request, address: unknown) =>
      typeof address === 'string' ? address : (request.headers.get('x-visitor') ?? undefined),
    )
    await using rig = await startRelay({
      limits: { perMinute: 4, perVisitorMinute: 2 },
      visitorOf,
    })
    const statusOf = async (visitor: string): Promise<number> =>
      (await rig.send(thumb(), { context: [visitor] })).status
    expect([await statusOf('ada'), await statusOf('ada'), await statusOf('ada')]).toEqual([
      201, 201, 429,
    ])
    expect([await statusOf('ada'), await statusOf('bob'), await statusOf('bob')]).toEqual([
      429, 201, 201,
    ])
    expect(await statusOf('eve')).toBe(429)
    expect(visitorOf).toHaveBeenCalledWith(expect.any(Request), 'eve')
  })
})

test.each<[RelayOptions | object, string]>([
  [{ allow: 'feedback' }, 'option `allow` must be'],
  [{ allow: ['everything'] }, 'option `allow` must be'],
  [{ allowedOrigins: 'https://shop.example' }, 'option `allowedOrigins` must be'],
  [{ allowedOrigins: ['shop'] }, 'option `allowedOrigins` must be'],
  [
    { limits: { bodyBytes: '1mb' } },
    "option `limits.bodyBytes` of createRelay() must be a number, not '1mb'.",
  ],
  [
    { limits: { perHour: 5 } },
    'createRelay() has no option `limits.perHour`. Known options: `bodyBytes`',
  ],
  [
    { visitorOf: async () => 'ada' },
    'option `visitorOf` of createRelay() must be a function, not an async function.',
  ],
  [{ client: 'tl_x' }, 'option `client` of createRelay() must be a client'],
])('a mistake in the options throws at once: %j', (options, message) => {
  expect(() => createRelay(options)).toThrow(message)
})
