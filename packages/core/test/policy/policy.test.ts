import { describe, expect, test } from 'vitest'
import { limitTrace } from '../../src/policy/limits.ts'
import { REDACTION_FAILED, redactTrace } from '../../src/policy/redaction.ts'
import { createId } from '../../src/shape/ids.ts'
import type { FinishedSpan, FinishedTrace } from '../../src/shape/trace.ts'
import { toWireTrace } from '../../src/shape/wire.ts'

function span(fields: Partial<FinishedSpan> = {}): FinishedSpan {
  return {
    id: createId(1),
    name: 'chat m',
    type: 'llm',
    status: 'ok',
    startedAt: 1,
    endedAt: 2,
    metadata: {},
    ...fields,
  }
}

function trace(fields: Partial<FinishedTrace> = {}): FinishedTrace {
  return {
    id: createId(1),
    name: 'answer',
    status: 'ok',
    sessionId: 's',
    startedAt: 1,
    endedAt: 2,
    tags: {},
    metadata: {},
    spans: [],
    events: [],
    ...fields,
  }
}

describe('redaction', () => {
  const SECRET = 'tok-123'
  const dirty = trace({
    name: `answer ${SECRET}`,
    input: `in ${SECRET}`,
    output: { [`key ${SECRET}`]: [{ deep: `{"json":"{\\"again\\":\\"${SECRET}\\"}"}` }] },
    status: 'error',
    error: `Error: ${SECRET}`,
    tags: { [`t ${SECRET}`]: SECRET },
    metadata: {
      [`m ${SECRET}`]: { a: SECRET },
      'trulayer.reason': SECRET,
      'gen_ai.agent.name': SECRET,
    },
    spans: [
      span({
        name: `chat ${SECRET}`,
        input: [{ role: 'user', parts: [{ type: 'text', content: SECRET }] }],
        output: SECRET,
        status: 'error',
        error: SECRET,
        metadata: { note: SECRET },
      }),
    ],
    events: [{ id: createId(1), level: 'info', message: SECRET, metadata: { [SECRET]: SECRET } }],
  })

  test('reaches every text of the host, keys and JSON inside strings too', () => {
    const clean = redactTrace(dirty, (value) => value.replaceAll(SECRET, '***'))
    expect(JSON.stringify(clean)).not.toContain(SECRET)
    expect(clean.output).toEqual({ 'key ***': [{ deep: '{"json":"{\\"again\\":\\"***\\"}"}' }] })
    expect(JSON.stringify(dirty)).toContain(SECRET)
  })

  test('tells where each text stands', () => {
    const seen = new Set<string>()
    redactTrace(dirty, (value, context) => {
      seen.add(`${context.field} ${context.spanType ?? 'trace'} ${context.name}`)
      return value
    })
    expect([...seen].toSorted()).toEqual([
      `error llm chat ${SECRET}`,
      `error trace answer ${SECRET}`,
      `event trace answer ${SECRET}`,
      `id trace answer ${SECRET}`,
      `input llm chat ${SECRET}`,
      `input trace answer ${SECRET}`,
      `metadata llm chat ${SECRET}`,
      `metadata trace answer ${SECRET}`,
      `name llm chat ${SECRET}`,
      `name trace answer ${SECRET}`,
      `output llm chat ${SECRET}`,
      `output trace answer ${SECRET}`,
      `tags trace answer ${SECRET}`,
    ])
  })

  test('leaves what core writes itself', () => {
    const one = trace({ metadata: { 'trulayer.status': 'ok', 'gen_ai.request.model': 'm' } })
    expect(redactTrace(one, () => 'X').metadata).toEqual(one.metadata)
  })

  test('a function that throws or answers a promise never lets the clear text out', () => {
    const throwing = redactTrace(dirty, () => {
      throw new Error('x')
    })
    expect(JSON.stringify(throwing)).not.toContain(SECRET)
    expect(throwing.input).toBe(REDACTION_FAILED)
    const answer: unknown = async (value: string) => value
    expect(redactTrace(dirty, { redact: answer as () => string }).input).toBe(REDACTION_FAILED)
  })

  test('false takes nothing out', () => {
    expect(redactTrace(dirty, false)).toBe(dirty)
  })
})

describe('limits', () => {
  const limits = { spanBytes: 1_000_000 }
  const bytesOf = (one: FinishedTrace): number =>
    Math.max(...toWireTrace(one).spans.map((wire) => Buffer.byteLength(JSON.stringify(wire))))

  test('leave what fits as it is', () => {
    const one = trace({ spans: [span({ input: 'x'.repeat(900_000) })] })
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
    const limited = limitTrace(trace({ spans: [span({ input, output })] }), limits)
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
    const limited = limitTrace(trace({ spans: [span({ input })] }), limits)
    expect(limited.spans[0]?.input).toEqual([input[0], ...input.slice(2)])
    const tighter = limitTrace(trace({ spans: [span({ input })] }), { spanBytes: 700_000 })
    expect(tighter.spans[0]?.input).toEqual([input[0], ...input.slice(4)])
  })

  test('session ids, tags and metadata are cut to what the service takes', () => {
    const tags = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`tag${index}`, 'v'.repeat(99)]),
    )
    const limited = limitTrace(
      trace({
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
})
