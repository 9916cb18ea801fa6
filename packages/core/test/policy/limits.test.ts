import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TruLayer, type FinishedTrace } from '../../src/index.ts'
import { traceMemory } from '../../src/deliver/memory-exporter.ts'
import { limitTrace } from '../../src/policy/limits.ts'
import type { JsonValue } from '../../src/shape/json.ts'
import { toWireTrace } from '../../src/shape/wire.ts'
import { clearTraces } from '../../src/testing/index.ts'
import { recording } from '../support.ts'
import { spanOf, traceOf } from './planted-fields.ts'

const limits = { spanBytes: 1_000_000 }
const bytesOf = (one: FinishedTrace): number =>
  Math.max(...toWireTrace(one).spans.map((wire) => Buffer.byteLength(JSON.stringify(wire))))

test('leave what fits as it is', () => {
  const one = spanOf({ input: 'x'.repeat(900_000) })
  expect(limitTrace(one, limits)).toEqual(one)
})

test.each([
  ['plain text', 'x'.repeat(3_000_000), undefined],
  ['text that JSON escapes', '"\n'.repeat(600_000), undefined],
  ['text of three bytes a character', '語'.repeat(900_000), '語'.repeat(900_000)],
  ['pairs', '😀'.repeat(800_000), undefined],
  [
    'a large object',
    { rows: Array.from({ length: 50_000 }, (_, id) => ({ id, text: 'some text' })) },
    'short',
  ],
  ['both sides', 'i'.repeat(700_000), 'o'.repeat(700_000)],
])('a span that is too large is cut: %s', (_, input, output) => {
  const limited = limitTrace(spanOf({ input, output }), limits)
  expect(bytesOf(limited)).toBeLessThanOrEqual(1_000_000)
  expect(bytesOf(limited)).toBeGreaterThan(300_000)
  expect(limited.spans[0]?.metadata['trulayer.truncated']).toMatch(/^\d+ bytes to \d+$/)
  expect(JSON.stringify(limited)).not.toMatch(/\\ud[89a-f]/)
  expect(output === 'short' ? limited.spans[0]?.output : 'short').toBe('short')
})

test('a list of messages loses its oldest turns first, never the system message nor a call without its answer', () => {
  const text = (
    role: string,
    content: string,
  ): { role: string; parts: { type: string; content: string }[] } => ({
    role,
    parts: [{ type: 'text', content }],
  })
  const input = [
    text('system', 'Be brief.'),
    text('user', `old ${'x'.repeat(600_000)}`),
    text('assistant', 'call'),
    text('tool', `response ${'y'.repeat(300_000)}`),
    text('assistant', 'answer'),
    text('user', `new ${'z'.repeat(500_000)}`),
  ]
  const limited = limitTrace(spanOf({ input }), limits)
  expect(limited.spans[0]?.input).toEqual([input[0], ...input.slice(2)])
  const tighter = limitTrace(spanOf({ input }), { spanBytes: 700_000 })
  expect(tighter.spans[0]?.input).toEqual([input[0], ...input.slice(4)])
})

test('session ids, tags and metadata are cut to what the service takes', () => {
  const tags = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`tag${index}`, 'v'.repeat(99)]),
  )
  const limited = limitTrace(
    traceOf({
      sessionId: `${'s'.repeat(255)}😀`,
      tags,
      metadata: { large: 'm'.repeat(9000), small: 1 },
    }),
    limits,
  )
  expect(limited.sessionId).toBe('s'.repeat(255))
  expect(Object.keys(limited.tags)).toHaveLength(20)
  expect(limited.tags['tag29']).toHaveLength(64)
  expect(JSON.stringify(limited.metadata['large']).length).toBeLessThanOrEqual(2050)
  expect(limited.metadata['small']).toBe(1)
})

interface Part {
  readonly [field: string]: string
}

const message = (
  role: string,
  ...parts: Part[]
): { readonly [field: string]: string | Part[] } => ({ role, parts })
const words = (content: string): Part => ({ type: 'text', content })
const call = (id: string): Part => ({ type: 'tool_call', id })
const answer = (id: string, response: string): Part => ({
  type: 'tool_call_response',
  id,
  response,
})
/* Stands in for a text in what is expected. */
const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string
const inputOf = (input: JsonValue, spanBytes: number): unknown =>
  limitTrace(spanOf({ input }), { spanBytes }).spans[0]?.input

test('a call goes or stays with all of its answers, wherever they stand', () => {
  const input = [
    message('developer', words('Be brief.')),
    message('assistant', call('a'), call('b')),
    message('tool', answer('a', 'x'.repeat(30_000))),
    message('user', words('Meanwhile?')),
    message('user', answer('b', 'x'.repeat(10))),
    message('assistant', call('c')),
    message('tool', answer('c', 'y'.repeat(10_000))),
  ]
  expect(inputOf(input, 50_000)).toEqual(input)
  expect(inputOf(input, 30_000)).toEqual([input[0], input[3], input[5], input[6]])
  // The latest is what the model was asked about.
  expect(inputOf(input, 9000)).toEqual([
    input[0],
    input[5],
    message('tool', answer('c', matching(/^y+… \[\d+ bytes cut\] …y+$/))),
  ])
})

test('a message that is too large alone loses the middle of its longest texts, and the system message nothing', () => {
  const system = message('system', words('s'.repeat(20_000)))
  const short = words('Which of these is right?')
  const cut = inputOf([system, message('user', short, words('"\n語😀'.repeat(50_000)))], 100_000)
  expect(cut).toEqual([system, message('user', short, words(matching(/^"\n語.*bytes cut/s)))])
  expect(JSON.stringify(cut).length).toBeGreaterThan(40_000)
})

test('objects keep their form as long as it is their texts that are too long', () => {
  expect(inputOf({ id: 7, page: 'x'.repeat(90_000), rows: [1, 'two'] }, 30_000)).toEqual({
    id: 7,
    page: matching(/^x+… \[\d+ bytes cut\] …x+$/),
    rows: [1, 'two'],
  })
})

test('names, ids, errors and events are as long as words are', () => {
  const long = `${'w'.repeat(1999)}😀${'w'.repeat(1_000_000)}`
  const limited = limitTrace(
    {
      ...spanOf({ name: long, status: 'error', error: `Error: ${long}` }),
      name: long,
      externalId: long,
      userId: long,
      error: long,
      events: [
        { id: '1', level: 'info', message: long, metadata: { long, lone: 1 } },
        { id: '2', level: 'info', message: 'lone \ud83d and \0', metadata: {} },
      ],
    },
    limits,
  )
  const [span] = limited.spans
  const short = 'w'.repeat(1999)
  expect([limited.name, limited.externalId, limited.userId, span?.name]).toEqual([
    short,
    short,
    short,
    short,
  ])
  expect([limited.error, span?.error]).toEqual([`${short}…`, `Error: ${'w'.repeat(1992)}…`])
  expect(limited.events[0]?.message).toBe(short)
  expect(JSON.stringify(limited.events[0]?.metadata).length).toBeLessThan(2100)
  expect(limited.events[1]?.message).toBe('lone \ufffd and \ufffd')
})

test('metadata that is small value by value and large in all keeps what core says', () => {
  const many = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`key${index}`, 'm'.repeat(1000)]),
  )
  const ours = { 'trulayer.status': 'ok', 'trulayer.truncated': '3 spans' }
  const limited = limitTrace(
    { ...spanOf({ input: 'question', metadata: { ...many, ...ours } }), metadata: ours },
    limits,
  )
  const { metadata, input } = limited.spans[0] ?? {}
  expect(input).toBe('question')
  expect(metadata?.['trulayer.status']).toBe('ok')
  expect(metadata?.['trulayer.truncated']).toMatch(/^3 spans; 7\d\d metadata values$/)
  expect(bytesOf(limited)).toBeLessThan(260_000)
  expect(limited.metadata).toEqual(ours)
})

test('no error is cut before secrets are taken out of it', async () => {
  const key = `sk-proj-${'k'.repeat(40)}`
  const client = new TruLayer({ mode: 'local', exitHooks: false })
  await client
    .trace('answer', () => Promise.reject(new Error(`${'w'.repeat(1970)} ${key}`)))
    .catch(() => undefined)
  await client.flush()
  const error = traceMemory().traces.at(-1)?.error
  clearTraces()
  expect(error).toHaveLength(2000)
  expect(error).toMatch(/^Error: w+ <REDACTED:model_prov\w*…$/)
})

test('of more than 20 tags the call keeps its own, those of its session that it set again among them', () => {
  const { client, recorder, capture } = recording()
  const tags = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`tag${index}`, 'old']))
  client.withSession({ tags }, () => {
    recorder.end(
      recorder.start({ name: 'agent', type: 'other', tags: { tag0: 'own', own: 'own' } }),
    )
  })
  const [trace] = capture.traces
  const kept = limitTrace(trace ?? traceOf(), limits).tags
  expect(Object.keys(kept)).toHaveLength(20)
  expect(kept).toMatchObject({ tag0: 'own', own: 'own' })
})

test('whatever a trace holds, no span is larger and no character is torn', () => {
  const text = fc
    .tuple(fc.constantFrom('x', '"', '\n', '語', '😀', '\0', '\ud83d'), fc.nat({ max: 20_000 }))
    .map(([unit, length]) => unit.repeat(length))
  const value = fc.oneof(
    text,
    fc.array(text, { maxLength: 4 }),
    fc.dictionary(fc.string(), text, { maxKeys: 4 }),
    fc.array(
      fc
        .tuple(fc.constantFrom('system', 'user', 'assistant', 'tool'), text)
        .map(([role, content]) => ({ role, parts: [{ type: 'text', content }] })),
      { minLength: 1, maxLength: 5 },
    ),
  ) as fc.Arbitrary<JsonValue>
  const holder = fc.record({
    name: text,
    error: text,
    input: value,
    output: value,
    metadata: fc.dictionary(fc.string(), value, { maxKeys: 30 }),
  })
  fc.assert(
    fc.property(holder, fc.integer({ min: 30_000, max: 100_000 }), (fields, spanBytes) => {
      const limited = limitTrace(
        { ...spanOf(fields), ...fields, sessionId: fields.name },
        { spanBytes },
      )
      const torn = JSON.stringify([
        limited.name,
        limited.error,
        limited.sessionId,
        limited.spans[0]?.name,
      ])
      expect(bytesOf(limited)).toBeLessThanOrEqual(spanBytes)
      expect(limited.sessionId.length).toBeLessThanOrEqual(256)
      expect(torn).not.toMatch(/\\ud[89a-f]/)
    }),
    { numRuns: 100 },
  )
})

/* Text of which each character takes as much room on the wire as a character can. */
const controls = (length: number): string => '\u0001'.repeat(length)
const manyValues = (count: number, length: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`key ${index}`, controls(length)]),
  )

test('metadata that is small value by value, and together more than its part of a span, is dropped', () => {
  const spanBytes = 100_000
  const metadata = manyValues(40, 250)
  const limited = limitTrace(spanOf({ input: 'i', metadata }), { spanBytes })
  const kept = limited.spans[0]?.metadata ?? {}
  expect(Object.keys(kept).length).toBeLessThan(20)
  expect(kept['trulayer.truncated']).toMatch(/^\d+ metadata values$/)
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(spanBytes / 4 + 500)
})

test('what an input takes and what metadata takes is looked at together', () => {
  const spanBytes = 100_000
  const [input, metadata] = [controls(13_000), manyValues(13, 250)]
  expect(limitTrace(spanOf({ input }), { spanBytes }).spans[0]?.input).toBe(input)
  const limited = limitTrace(spanOf({ input, metadata }), { spanBytes })
  expect(bytesOf(limited)).toBeLessThanOrEqual(spanBytes)
  expect(limited.spans[0]?.metadata['trulayer.truncated']).toMatch(/^\d+ bytes to \d+$/)
})

test('tool definitions have a bound of their own, and keep their form', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = Array.from({ length: 100 }, (_, index) => ({
    type: 'function',
    name: `tool_${index}`,
    parameters,
  }))
  const metadata = { 'gen_ai.tool.definitions': tools, 'trulayer.response_schema': parameters }
  const large: string[] = []
  const limit = (definitionBytes: number): JsonValue | undefined =>
    limitTrace(spanOf({ metadata }), { ...limits, definitionBytes }, (key) => large.push(key))
      .spans[0]?.metadata['gen_ai.tool.definitions']
  expect(limit(16_384)).toEqual(tools)
  const bounded = limit(4096)
  expect(bounded).toContainEqual({ type: 'function', name: 'tool_99' })
  expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(1.25 * 4096)
  expect(large).toEqual([])
})
