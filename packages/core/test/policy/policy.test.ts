import { describe, expect, test } from 'vitest'
import { redactTrace } from '../../src/policy/redaction.ts'
import { REDACTION_FAILED } from '../../src/policy/redaction-failed.ts'
import { createId } from '../../src/shape/ids.ts'
import type { FinishedSpan, FinishedTrace } from '../../src/shape/trace.ts'

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
        metadata: {
          note: SECRET,
          'gen_ai.tool.definitions': [{ type: 'function', name: SECRET, description: SECRET }],
          'trulayer.response_schema': { type: 'object', title: SECRET },
        },
      }),
    ],
    events: [{ id: createId(1), level: 'info', message: SECRET, metadata: { [SECRET]: SECRET } }],
  })

  test('leaves a reason of the closed list alone', () => {
    const cancelled = { ...dirty, metadata: { 'trulayer.reason': 'reader left' } }
    expect(redactTrace(cancelled, () => 'x').metadata).toEqual({ 'trulayer.reason': 'reader left' })
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

  test('looks at equal texts of a trace once, where the answer depends on nothing else', () => {
    const long = `words ${SECRET} and words `.repeat(10)
    const call = span({ input: [{ role: 'user', parts: [{ type: 'text', content: long }] }] })
    const one = trace({
      input: long,
      spans: [call, call],
      metadata: { password: long, note: JSON.stringify({ long }) },
    })
    for (const ignoresContext of [true, false]) {
      const seen: string[] = []
      const clean = redactTrace(one, {
        ignoresContext,
        hides: (key) => key === 'password',
        redact: (value, { key }) => {
          seen.push(value)
          return key === 'password' ? 'whole' : value.replaceAll(SECRET, '***')
        },
      })
      expect(JSON.stringify(clean)).not.toContain(SECRET)
      expect(clean.metadata['password']).toBe('whole')
      // Once for all, and once under the key that says more.
      expect(seen.filter((value) => value === long)).toHaveLength(ignoresContext ? 2 : 5)
    }
  })

  test('false takes nothing out', () => {
    expect(redactTrace(dirty, false)).toBe(dirty)
  })
})
