import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { errorText } from '../../src/shape/error-text.ts'
import { cutAtWord, cutMiddle } from '../../src/shape/text-bytes.ts'
import { fromWireTrace } from '../../src/shape/from-wire.ts'
import { createId, toUuid } from '../../src/shape/ids.ts'
import { latestAssistantText, latestUserText, mediaPart } from '../../src/shape/messages.ts'
import { addUsage, normalizeUsage } from '../../src/shape/usage.ts'
import { toInstant, toWireTrace } from '../../src/shape/wire.ts'
import { recording } from '../support.ts'

describe('ids', () => {
  test('are UUIDs of version 7, sortable by time, and never the same', () => {
    const ids = Array.from({ length: 5000 }, (_, index) => createId(1_700_000_000_000 + index))
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(ids)
    expect(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)).toBe(
      1_700_000_000_000,
    )
  })

  test('a UUID is taken in lower case, anything else is none', () => {
    expect(toUuid('0190F5FE-7C00-7A00-8000-00000000ABCD')).toBe(
      '0190f5fe-7c00-7a00-8000-00000000abcd',
    )
    expect(toUuid('run-1')).toBeUndefined()
    expect(toUuid(7)).toBeUndefined()
  })
})

describe('the text of an error', () => {
  const named = (name: string, message: string): Error =>
    Object.assign(new Error(message), { name })
  test.each([
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    [named('RateLimitError', 'RateLimitError: slow down'), 'RateLimitError: slow down'],
    [
      new Error('failed', { cause: new RangeError('deep') }),
      'Error: failed; caused by RangeError: deep',
    ],
    [new Error('failed', { cause: 'why' }), 'Error: failed; caused by Error: why'],
    [new Error('failed', { cause: new Error('failed') }), 'Error: failed'],
    [
      new Error('it failed: deep', { cause: new Error('deep') }),
      'Error: it failed: deep; caused by Error: deep',
    ],
    [
      new Error('failed', { cause: new RangeError('failed') }),
      'Error: failed; caused by RangeError',
    ],
    [new RangeError('failed', { cause: new RangeError('failed') }), 'RangeError: failed'],
    [new RangeError('failed', { cause: 'failed' }), 'RangeError: failed'],
    ['refused', 'Error: refused'],
    [{ message: 'odd', name: 'Odd' }, 'Odd: odd'],
    [{ status: 500 }, 'Error: {"status":500}'],
    [undefined, 'Error: undefined'],
    [null, 'Error: null'],
    [
      {
        get message() {
          throw new Error('getter')
        },
      },
      'Error: unreadable',
    ],
  ])('%#', (error, text) => {
    expect(errorText(error)).toBe(text)
  })

  test('is at most 2,000 characters long', () => {
    expect(errorText(new Error('x'.repeat(5000)))).toHaveLength(2000)
  })

  test('shows a better text where the message holds too much', () => {
    const error = new RangeError('out of range\n\nSee the manual', { cause: new Error('why') })
    expect(errorText(error, { message: 'out of range' })).toBe(
      'RangeError: out of range; caused by Error: why',
    )
  })

  test('without detail is type and code alone', () => {
    expect(
      errorText(Object.assign(new RangeError('secret'), { statusCode: 429 }), { detail: false }),
    ).toBe('RangeError: 429')
    expect(errorText(new RangeError('secret'), { detail: false })).toBe('RangeError')
    expect(errorText('secret', { detail: false })).toBe('Error')
    expect(errorText(new RangeError('secret'), { detail: false, message: 'a better text' })).toBe(
      'RangeError',
    )
  })
})

describe('messages', () => {
  const messages = [
    { role: 'user', parts: [{ type: 'text', content: 'first' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'text', content: 'an ' },
        { type: 'text', content: 'answer' },
      ],
    },
    { role: 'user', parts: [{ type: 'text', content: 'second' }] },
    { role: 'assistant', parts: [{ type: 'tool_call', name: 'x', arguments: {} }] },
  ]
  test('know the latest text of each side', () => {
    expect(latestUserText(messages)).toBe('second')
    expect(latestAssistantText(messages)).toBe('an answer')
    expect(latestUserText([])).toBeUndefined()
    expect(latestUserText('text')).toBeUndefined()
  })

  test.each([
    [
      'https://example.com/cat.png',
      'image/png',
      { type: 'uri', mime_type: 'image/png', uri: 'https://example.com/cat.png' },
    ],
    [
      new URL('https://example.com/cat.png'),
      undefined,
      { type: 'uri', uri: 'https://example.com/cat.png' },
    ],
    [
      'data:image/gif;base64,R0lGODlh',
      'image/*',
      { type: 'blob', mime_type: 'image/gif', bytes: 6 },
    ],
    ['data:,hello', undefined, { type: 'blob', bytes: 5 }],
    [
      Buffer.from('hello').toString('base64'),
      'text/plain',
      { type: 'blob', mime_type: 'text/plain', bytes: 5 },
    ],
    [new Uint8Array(700), 'image/png', { type: 'blob', mime_type: 'image/png', bytes: 700 }],
    [undefined, 'image/png', { type: 'blob', mime_type: 'image/png' }],
  ])('media are told by kind and size: %#', (data, mediaType, part) => {
    expect(mediaPart(data, mediaType)).toEqual(part)
  })
})

describe('usage', () => {
  test('knows only what a provider reported', () => {
    expect(
      normalizeUsage({ promptTokens: 1.4, completionTokens: Number.NaN, cachedTokens: -1 }),
    ).toEqual({ promptTokens: 1 })
    expect(normalizeUsage({ promptTokens: undefined })).toBeUndefined()
    expect(normalizeUsage(undefined)).toBeUndefined()
  })
})

describe('the wire', () => {
  const schemaUrl = new URL('../../../../test/contract/ingest.schema.json', import.meta.url)

  async function recorded(): Promise<Parameters<typeof toWireTrace>[0]> {
    const { client, capture } = recording()
    await client
      .trace(
        'answer',
        async (trace) => {
          trace.event('noted', { metadata: { a: 1 } })
          await trace.span('chat m', 'llm', (span) => {
            span.setInput([{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }])
            span.setModel('m')
            span.setTokens({ promptTokens: 1, completionTokens: 2 })
            span.setCost(0.5)
          })
          throw new Error('boom')
        },
        { tags: { a: 'b' }, metadata: { n: 1n } },
      )
      .catch(() => {})
    return capture.traces[0] ?? expect.fail()
  }

  test('is what the contract takes', async () => {
    const schema: unknown = JSON.parse(await readFile(schemaUrl, 'utf8'))
    if (typeof schema !== 'object' || schema === null) {
      expect.fail()
    }
    const validate = new Ajv2020({ strict: false }).compile(schema)
    const trace = await recorded()
    const body: unknown = JSON.parse(
      JSON.stringify({ traces: [toWireTrace(trace, { projectName: 'support' })] }),
    )
    validate(body)
    expect(validate.errors).toBeNull()
    expect(body).toMatchObject({
      traces: [
        {
          project_id: 'support',
          error: 'Error: boom',
          cost: 0.5,
          metadata: { n: '1' },
          spans: [
            {
              input: '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
              prompt_tokens: 1,
              metadata: { cost_usd: 0.5 },
            },
          ],
          events: [{ span_id: null, message: 'noted' }],
        },
      ],
    })
  })

  test('comes back as the trace that it was', async () => {
    const trace = await recorded()
    const back = fromWireTrace(JSON.parse(JSON.stringify(toWireTrace(trace))))
    expect(back).toMatchObject({
      id: trace.id,
      name: 'answer',
      status: 'error',
      spans: [
        {
          ...trace.spans[0],
          startedAt: expect.closeTo(trace.spans[0]?.startedAt ?? 0, 2),
          endedAt: expect.any(Number),
          metadata: expect.anything(),
        },
      ],
    })
    expect(fromWireTrace({ hello: 1 })).toBeUndefined()
  })

  test.each([
    [{ 'gen_ai.usage.cache_creation.input_tokens': 2 }, 2],
    [
      {
        'gen_ai.usage.cache_write.input_tokens': 3,
        'gen_ai.usage.cache_creation.input_tokens': 2,
      },
      3,
    ],
  ])('is read with names of metadata that were renamed since: %j', async (metadata, count) => {
    const line = toWireTrace(await recorded())
    const old = { ...line, spans: line.spans.map((span) => Object.assign({}, span, { metadata })) }
    expect(fromWireTrace(JSON.parse(JSON.stringify(old)))?.spans[0]?.metadata).toEqual({
      'gen_ai.usage.cache_write.input_tokens': count,
    })
  })

  test('instants carry microseconds', () => {
    expect(toInstant(1_700_000_000_000.5)).toBe('2023-11-14T22:13:20.000500Z')
    expect(toInstant(0)).toBe('1970-01-01T00:00:00.000000Z')
  })
})

describe('a text that is cut', () => {
  const key = `sk-proj-${'k'.repeat(60)}`

  test.each([980, 1000, 1020, 1040])('keeps no half of a word of %d characters', (length) => {
    for (const text of [`${'words '.repeat(160)}${key} ${'and more '.repeat(500)}`]) {
      const cut = cutAtWord(text, length)
      expect(cut.length).toBeLessThanOrEqual(length)
      expect(cut.length).toBeGreaterThan(length - 100)
      expect(cut.replace(key, '')).not.toContain('sk-')
    }
  })

  test('keeps none on either side of its middle', () => {
    for (let shift = 0; shift < 80; shift += 1) {
      const side = 'word '.repeat(100)
      const text = `${side}${'x'.repeat(shift)} ${key} ${'middle '.repeat(500)}${key} ${side}`
      const cut = cutMiddle(text, 1100).replaceAll(key, '')
      expect(cut).toMatch(/^word .*bytes cut.* word $/)
      expect(cut).not.toMatch(/sk-|kk/)
    }
  })

  test('is cut anywhere where it is one word', () => {
    expect(cutAtWord('x'.repeat(5000), 2000)).toBe(`${'x'.repeat(1999)}…`)
    expect(cutAtWord('short', 5)).toBe('short')
  })
})

describe('two usages together', () => {
  const whole = { promptTokens: 20, completionTokens: 10 }

  test.each([
    [undefined, undefined, undefined],
    [undefined, whole, whole],
    [whole, undefined, whole],
    [whole, { promptTokens: 1, cachedTokens: 2 }, { ...whole, promptTokens: 21, cachedTokens: 2 }],
  ])('%j and %j', (one, other, both) => {
    expect(addUsage(one, other)).toEqual(both)
  })
})
