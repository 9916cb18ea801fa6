import { describe, expect, test } from 'vitest'
import { toWireTrace, type WireTrace } from '../../src/shape/wire.ts'
import { startIngestServer, type IngestServer } from '../../../../test/support/ingest-server.ts'
import { idOf, KEY, makeTrace, makeTraces } from './support.ts'

interface Answered {
  readonly status: number
  readonly body: unknown
}

async function post(
  server: IngestServer,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${KEY}` },
): Promise<Answered> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

function wire(index: number, details: Partial<WireTrace> = {}): WireTrace {
  return { ...toWireTrace(makeTrace(index)), ...details }
}

describe('the stand-in for the service', () => {
  test('takes a batch, keeps it in order and tells of each trace', async () => {
    await using server = await startIngestServer()
    const heard: string[] = []
    const off = server.onTrace((trace) => heard.push(trace.id))
    const answer = await post(server, '/v1/ingest/batch', { traces: [wire(1), wire(2)] })
    off()
    await post(server, '/v1/ingest/batch', { traces: [wire(3)] })
    expect(answer).toEqual({ status: 201, body: { ingested: 2, ids: [idOf(1), idOf(2)] } })
    expect(server.traces).toEqual([wire(1), wire(2), wire(3)])
    expect(heard).toEqual([idOf(1), idOf(2)])
    expect(server.refused).toEqual([])
  })

  test('takes one trace, and knows it when it comes again', async () => {
    await using server = await startIngestServer()
    expect(await post(server, '/v1/ingest', wire(1))).toMatchObject({
      status: 201,
      body: { id: idOf(1), created_at: expect.stringMatching(/Z$/) },
    })
    expect(await post(server, '/v1/ingest', wire(1))).toEqual({
      status: 200,
      body: { status: 'duplicate' },
    })
    expect([server.traces.length, server.refused]).toEqual([1, []])
  })

  test('answers 409 to a batch with an id that it knows, and takes nothing of it', async () => {
    await using server = await startIngestServer()
    await post(server, '/v1/ingest/batch', { traces: [wire(1)] })
    const repeat = await post(server, '/v1/ingest/batch', { traces: [wire(1)] })
    expect([repeat.status, server.refused]).toEqual([409, []])
    const other = await post(server, '/v1/ingest/batch', {
      traces: [wire(2), wire(1, { name: 'another' })],
    })
    expect([other.status, server.traces.length]).toEqual([409, 1])
    expect(server.refused).toMatchObject([{ problem: `another trace has the id ${idOf(1)}` }])
    expect((await post(server, '/v1/ingest/batch', { traces: [wire(3), wire(3)] })).status).toBe(
      409,
    )
  })

  test('takes feedback', async () => {
    await using server = await startIngestServer()
    const feedback = { trace_id: idOf(1), label: 'bad', comment: 'slow' }
    expect((await post(server, '/v1/feedback', feedback)).status).toBe(201)
    expect(server.feedback).toEqual([feedback])
    expect(await post(server, '/v1/feedback', { trace_id: idOf(1), label: 'fine' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('feedback/label') },
    })
  })

  test.each<Readonly<Record<string, string>>>([
    {},
    { authorization: KEY },
    { authorization: 'Bearer sk-123' },
    { authorization: 'Bearer tl_' },
  ])('refuses %j by 401 with the code', async (headers) => {
    await using server = await startIngestServer()
    const answer = await post(server, '/v1/ingest/batch', { traces: [wire(1)] }, headers)
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } })
    expect(server.traces).toEqual([])
  })

  test.each<[string, unknown, number, RegExp]>([
    ['what is no JSON', '{"traces":', 400, /no JSON/],
    ['a batch without traces', { traces: [] }, 400, /at least one/],
    ['a batch with more than traces', { traces: [wire(1)], extra: 1 }, 400, /must be/],
    [
      'a batch of 101',
      { traces: makeTraces(0, 101).map((trace) => toWireTrace(trace)) },
      400,
      /101 traces/,
    ],
    ['an id in upper case', { traces: [wire(1, { id: idOf(0xab).toUpperCase() })] }, 400, /\/id/],
    ['an unknown field', { traces: [{ ...wire(1), surprise: 1 }] }, 400, /surprise/],
    ['an input that is no text', { traces: [{ ...wire(1), input: {} }] }, 400, /\/input/],
    [
      'an instant without a zone',
      { traces: [wire(1, { started_at: '2026-11-01' })] },
      400,
      /\/started_at/,
    ],
    [
      'a tag of 65 characters',
      { traces: [wire(1, { tags: { plan: 'x'.repeat(65) } })] },
      400,
      /\/tags\/plan/,
    ],
    [
      'a span over 1 MB',
      { traces: [toWireTrace(makeTrace(1, { text: 'x'.repeat(1_000_000) }))] },
      413,
      /more than 1 MB/,
    ],
    ['a body over 20 MiB', { traces: ['x'.repeat(20 * 1024 * 1024)] }, 413, /20 MiB/],
  ])('refuses %s', async (_, body, status, problem) => {
    await using server = await startIngestServer()
    const answer = await post(server, '/v1/ingest/batch', body)
    expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(problem) } })
    expect(server.refused).toMatchObject([{ problem: expect.stringMatching(problem) }])
    expect(server.traces).toEqual([])
  })

  test('refuses a whole batch for one trace, and names it', async () => {
    await using server = await startIngestServer()
    const bad = { ...wire(2), name: 7 }
    const answer = await post(server, '/v1/ingest/batch', { traces: [wire(1), bad] })
    expect([answer.status, server.traces]).toEqual([400, []])
    expect(server.refused).toEqual([{ problem: expect.stringContaining('/name'), trace: bad }])
  })

  test('does not look closely when it is told so', async () => {
    await using server = await startIngestServer({ validate: false })
    const odd = { ...wire(1), surprise: 1 }
    expect((await post(server, '/v1/ingest/batch', { traces: [odd] })).status).toBe(201)
  })

  test('answers 404 elsewhere, and records what it was asked and what it said', async () => {
    await using server = await startIngestServer({
      answer: (request) =>
        request.path === '/teapot' ? { status: 418, body: 'short' } : undefined,
    })
    await post(server, '/v1/else', { a: 1 })
    const tea = await fetch(`${server.url}/teapot`)
    expect([tea.status, await tea.text()]).toEqual([418, 'short'])
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/v1/else', body: '{"a":1}', status: 404 },
      { method: 'GET', path: '/teapot', status: 418 },
    ])
  })
})
