import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Redactor, TruLayer, type FinishedTrace, type TruLayerOptions } from '../../src/index.ts'
import { traceMemory } from '../../src/deliver/memory-exporter.ts'
import { createRelay } from '../../src/relay/create-relay.ts'
import { createId } from '../../src/shape/ids.ts'
import { toWireTrace } from '../../src/shape/wire.ts'
import { captureTraces, clearTraces } from '../../src/testing/index.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { collectLog } from '../support.ts'
import { FIELDS, traceOf } from './planted-fields.ts'
import { found as secretsIn } from './planted-shapes.ts'
import { SECRETS, type PlantedSecret } from './secrets.ts'

const redact = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })
/* In JSON too, where a pattern alone would not know it. */
const spellings = (text: string): string[] => [
  text,
  JSON.stringify({
    [text]: text.replaceAll(/[\s\S]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
  }),
]

/** A turn with the secret wherever the public interface takes words. */
async function turn(client: TruLayer, text: string): Promise<string> {
  let id = ''
  await client.withSession(
    { sessionId: text, userId: text, metadata: { [text]: text }, tags: [text], traceName: text },
    () =>
      client
        .trace(
          text,
          async (trace) => {
            id = trace.traceId
            trace.setInput({ [text]: [text] })
            trace.setOutput(text)
            trace.setTag(text, text)
            trace.setMetadata({ 'user.id': text, 'trulayer.reason': text, deep: [{ text }] })
            trace.event(text, { level: 'warn', metadata: { [text]: text } })
            await trace
              .span(text, { type: 'tool', input: text, metadata: { text } }, (span) => {
                span.setError(new RangeError(text))
                return text
              })
              .catch(() => undefined)
            await trace.span(text, 'llm', (inner) => {
              inner.setInput([{ role: 'user', parts: [{ type: 'text', content: text }] }])
              inner.setOutput([
                { role: 'assistant', parts: [{ type: 'tool_call', id: text, name: text }] },
              ])
              throw Object.assign(new TypeError(text, { cause: new Error(text) }), { code: text })
            })
          },
          { externalId: text, metadata: { note: text }, tags: { [text]: text } },
        )
        .catch(() => undefined),
  )
  return id
}

async function playAll(client: TruLayer): Promise<string[]> {
  const ids: string[] = []
  for (const secret of SECRETS) {
    for (const text of spellings(secret.text)) {
      ids.push(await turn(client, text))
    }
  }
  return ids
}

const found = (value: unknown): PlantedSecret[] => secretsIn(value, SECRETS)

const COUNT = SECRETS.length * 2
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trulayer-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  clearTraces()
  await rm(folder, { recursive: true })
})

describe('live', () => {
  test.each<readonly [string, TruLayerOptions]>([
    ['to the service and an exporter', {}],
    ['with debug', { debug: true }],
    ['with the payload in the log', { debug: 'payload' }],
    ['with errors alone', { recordInputs: false, recordOutputs: false, debug: 'payload' }],
  ])('%s', async (_, options) => {
    await using server = await startIngestServer()
    const log = collectLog()
    const exported: FinishedTrace[] = []
    const client = new TruLayer({
      apiKey: 'tl_test',
      endpoint: server.url,
      exitHooks: false,
      logger: log.logger,
      redact,
      exporters: [{ export: (traces) => void exported.push(...traces) }],
      ...options,
    })
    const heard: FinishedTrace[] = []
    client.onTrace((trace) => heard.push(trace))
    const ids = await playAll(client)
    await client.flush()
    for (const [index, { text }] of SECRETS.entries()) {
      const comment = spellings(text)[index % 2] ?? text
      const result = await client.submitFeedback({
        traceId: ids[index * 2] ?? '',
        label: 'bad',
        comment,
        metadata: { source: 'thumbs_button', [text]: { a: [comment] }, 'user.id': text },
      })
      expect(result).toEqual({ accepted: true })
    }
    await client.shutdown()
    expect(server.refused).toEqual([])
    expect(server.traces).toHaveLength(COUNT)
    expect(server.feedback).toHaveLength(SECRETS.length)
    expect([exported.length, heard.length]).toEqual([COUNT, COUNT])
    expect(found(server.requests.map(({ body, headers, path }) => [body, headers, path]))).toEqual(
      [],
    )
    expect(found([exported, heard])).toEqual([])
    expect(found(log.lines)).toEqual([])
    expect(log.lines.filter((line) => line.includes('<REDACTED:')).length > 0).toBe(
      options.debug !== undefined,
    )
  })

  test('false lets everything out, so the rest of these tests see something', async () => {
    const client = new TruLayer({ mode: 'local', redact: false, exitHooks: false })
    await playAll(client)
    await client.flush()
    expect(found(traceMemory().traces)).toHaveLength(SECRETS.length)
  })
})

test('local', async () => {
  const client = new TruLayer({ mode: 'local', redact, exitHooks: false })
  await playAll(client)
  await client.flush()
  expect(traceMemory().traces).toHaveLength(COUNT)
  expect(found(traceMemory().traces)).toEqual([])
})

test('what debug prints of captured traces', async () => {
  const log = collectLog()
  const client = new TruLayer({ mode: 'off', redact, debug: true, logger: log.logger })
  const capture = captureTraces({ client })
  await playAll(client)
  capture.stop()
  expect(found(capture.traces)).not.toEqual([])
  expect(found(log.lines)).toEqual([])
  expect(log.lines.filter((line) => line.includes('<REDACTED:'))).toHaveLength(COUNT)
})

test('replay', async () => {
  const file = join(folder, 'traces.jsonl')
  const dirty = SECRETS.flatMap(({ text }) => FIELDS.map(({ plant }) => plant(text, [text])))
  await writeFile(file, dirty.map((trace) => JSON.stringify(toWireTrace(trace))).join('\n'))
  vi.stubEnv('TRULAYER_REPLAY_FILE', file)
  const client = new TruLayer({ mode: 'replay', redact, exitHooks: false })
  expect(client.stats().state).toBe('active')
  expect(traceMemory().traces).toHaveLength(dirty.length)
  expect(found(traceMemory().traces)).toEqual([])
})

test('replay, of traces that are too deep to be looked at', async () => {
  const file = join(folder, 'traces.jsonl')
  const deep = (depth: number): string => `${'['.repeat(depth)}"x"${']'.repeat(depth)}`
  const line = JSON.stringify(toWireTrace(traceOf({ metadata: { deep: 'HERE' } })))
  const lines = [1000, 100_000].map((depth) => line.replace('"HERE"', () => deep(depth)))
  await writeFile(file, [...lines, line].join('\n'))
  vi.stubEnv('TRULAYER_REPLAY_FILE', file)
  const log = collectLog()
  const client = new TruLayer({ mode: 'replay', redact, exitHooks: false, logger: log.logger })
  expect(client.stats().state).toBe('active')
  expect(traceMemory().traces).toHaveLength(2)
  expect(log.lines).toEqual([expect.stringMatching(/too deep/)])
})

test('a relay, whatever a page sends to it', async () => {
  await using server = await startIngestServer()
  const log = collectLog()
  const client = new TruLayer({
    apiKey: 'tl_test',
    endpoint: server.url,
    exitHooks: false,
    logger: log.logger,
    debug: 'payload',
    redact,
  })
  const relay = createRelay({ client, allow: ['traces'] })
  const now = Date.now()
  const dirty = SECRETS.flatMap(({ text }) =>
    FIELDS.map(({ plant }) => {
      const trace = plant(text, [text])
      const at = { id: createId(now), startedAt: now, endedAt: now }
      const spans = trace.spans.map((span) => ({ ...span, ...at }))
      return toWireTrace({ ...trace, ...at, spans })
    }),
  )
  for (let index = 0; index < dirty.length; index += 100) {
    const response = await relay(
      new Request('https://shop.example/api/trulayer', {
        method: 'POST',
        headers: { origin: 'https://shop.example', 'content-type': 'application/json' },
        body: JSON.stringify({ traces: dirty.slice(index, index + 100) }),
      }),
    )
    expect(response.status).toBe(201)
  }
  await client.shutdown()
  expect(server.traces).toHaveLength(dirty.length)
  expect(found([server.requests.map(({ body }) => body), log.lines])).toEqual([])
})

test('spool, and what the next process sends of it', async () => {
  const options = { apiKey: 'tl_test', exitHooks: false, redact, spool: folder }
  const log = collectLog()
  {
    await using server = await startIngestServer({ answer: () => ({ status: 503 }) })
    const client = new TruLayer({ ...options, endpoint: server.url, logger: log.logger })
    await playAll(client)
    await client.shutdown({ timeout: 100 })
    expect(client.stats().traces.spooled).toBe(COUNT)
    expect(found([server.requests.map(({ body }) => body), log.lines])).toEqual([])
  }
  const names = await readdir(folder)
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  expect(files.join('').trim().split('\n')).toHaveLength(COUNT)
  expect(found([names, files])).toEqual([])

  await using server = await startIngestServer()
  const next = new TruLayer({ ...options, endpoint: server.url, logger: log.logger })
  await next.trace('next', () => 1)
  await vi.waitFor(
    async () => {
      await next.flush()
      expect(server.traces).toHaveLength(COUNT + 1)
    },
    { timeout: 20_000 },
  )
  await next.shutdown()
  expect(found([server.requests.map(({ body }) => body), log.lines])).toEqual([])
})
