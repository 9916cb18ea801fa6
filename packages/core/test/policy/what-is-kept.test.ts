import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Redactor, TruLayer, type RedactFunction } from '../../src/index.ts'
import { redactFeedback, redactTrace } from '../../src/policy/redaction.ts'
import { REDACTION_FAILED } from '../../src/policy/redaction-failed.ts'
import type { JsonValue } from '../../src/shape/json.ts'
import { spanOf, traceOf } from './planted-fields.ts'
import { PEM } from './secrets.ts'

const redactor = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })
const HIDDEN = '<REDACTED:secret>'
const inputOf = (input: JsonValue): JsonValue | undefined =>
  redactTrace(traceOf({ input }), redactor).input

test('the same objects, where nothing was found', () => {
  const input = [{ role: 'user', parts: [{ type: 'text', content: 'Where is my order?' }] }]
  expect(redactTrace(spanOf({ input }), redactor).spans[0]?.input).toBe(input)
})

test('JSON texts as they were written, numbers of any length among it', () => {
  expect(
    inputOf('{ "id" : 12345678901234567890123 ,\n "key": "AKIAIOSFODNN7EXAMPLE", "key": 1.0e5 }'),
  ).toBe('{ "id" : 12345678901234567890123 ,\n "key": "<REDACTED:aws_access_key>", "key": 1.0e5 }')
})

test('numbers, unless they are cards or accounts', () => {
  const card = '<REDACTED:credit_card>'
  expect(
    inputOf({
      card: 4_111_111_111_111_111,
      negative: -4_111_111_111_111_111,
      at: 1_790_000_000_000,
      part: 0.123_456_789_123,
      json: '{"card":4111111111111111,"float":4111111111111111.0,"negative":-4111111111111111,"at":1790000000000}',
    }),
  ).toEqual({
    card,
    negative: `-${card}`,
    at: 1_790_000_000_000,
    part: 0.123_456_789_123,
    json: `{"card":"${card}","float":"${card}.0","negative":"-${card}","at":1790000000000}`,
  })
})

test('numbers of any length go under a key that says what they are', () => {
  expect(
    inputOf({
      cvv: 123,
      password: [1, 2.5],
      dob: 19_800_229,
      age: 44,
      json: '{"cvv":123,"list":[{"pin":1,"passcode":-4},5],"after":6}',
    }),
  ).toEqual({
    cvv: '<REDACTED:credit_card>',
    password: ['<REDACTED:secret>', '<REDACTED:secret>'],
    dob: '<REDACTED:dob>',
    age: 44,
    json: '{"cvv":"<REDACTED:credit_card>","list":[{"pin":1,"passcode":"<REDACTED:secret>"},5],"after":6}',
  })
  const { metadata } = redactFeedback({ metadata: { cvv: 123 } }, redactor)
  expect(metadata).toEqual({ cvv: '<REDACTED:credit_card>' })
})

test('values under a telling key are taken out whole', () => {
  expect(
    inputOf({
      password: 'short',
      apiKey: ['one', 'two'],
      SECRET_KEY: 'django',
      authorization: 'x',
      keyboard: 'x',
      invalid_token: 'x',
      json: '{"client_secret":"s"}',
    }),
  ).toEqual({
    password: '<REDACTED:secret>',
    apiKey: ['<REDACTED:secret>', '<REDACTED:secret>'],
    SECRET_KEY: '<REDACTED:secret>',
    authorization: '<REDACTED:secret>',
    keyboard: 'x',
    invalid_token: 'x',
    json: '{"client_secret":"<REDACTED:secret>"}',
  })
})

/* In JSON inside strings as in objects, at any depth. */
test.each<[title: string, value: JsonValue, clean: JsonValue]>([
  ['an object', { password: { admin: 'x', pin: 7 } }, { password: { admin: HIDDEN, pin: HIDDEN } }],
  ['lists of objects', { apiKeys: [{ v: ['x'] }] }, { apiKeys: [{ v: [HIDDEN] }] }],
  ['JSON in a string', { secret: '{"v":"x"}' }, { secret: HIDDEN }],
  [
    'what follows such an object',
    { a: [{ password: { v: 'x' }, user: 'y' }], b: 'z' },
    { a: [{ password: { v: HIDDEN }, user: 'y' }], b: 'z' },
  ],
])('everything under a telling key goes: %s', (_, value, clean) => {
  expect(inputOf(value)).toEqual(clean)
  expect(inputOf(JSON.stringify(value))).toBe(JSON.stringify(clean))
})

test.each<[title: string, value: JsonValue, clean: JsonValue]>([
  [
    'pairs of headers',
    [
      ['authorization', 'x'],
      ['accept', 'y'],
    ],
    [
      ['authorization', HIDDEN],
      ['accept', 'y'],
    ],
  ],
  [
    'the raw headers of Node',
    { rawHeaders: ['Cookie', 'x', 'Accept', 'y', 'Authorization', 'z'] },
    { rawHeaders: ['Cookie', HIDDEN, 'Accept', 'y', 'Authorization', HIDDEN] },
  ],
  [
    'names beside values',
    [
      { name: 'Authorization', value: 'x' },
      { key: 'password', value: ['x', 7] },
      { name: 'city', value: 'Rome' },
    ],
    [
      { name: 'Authorization', value: HIDDEN },
      { key: 'password', value: [HIDDEN, HIDDEN] },
      { name: 'city', value: 'Rome' },
    ],
  ],
])('a name beside its value counts like a key: %s', (_, value, clean) => {
  expect(inputOf(value)).toEqual(clean)
  expect(inputOf(JSON.stringify(value))).toBe(JSON.stringify(clean))
})

test('lists of words that are also names of secrets stay', () => {
  const value = {
    required: ['password', 'email'],
    columns: ['id', 'secret', 'city'],
    parameter: { name: 'password', type: 'string' },
  }
  expect(inputOf(value)).toEqual(value)
  expect(inputOf(JSON.stringify(value))).toBe(JSON.stringify(value))
})

test('the schemas of a call describe parameters, whatever these are called', () => {
  const schema = {
    properties: { password: { type: 'string', description: 'at least 8 characters' } },
  }
  const metadata = {
    'gen_ai.tool.definitions': [{ name: 'sign_in', parameters: schema }],
    'trulayer.response_schema': schema,
  }
  expect(redactTrace(spanOf({ metadata }), redactor).spans[0]?.metadata).toEqual(metadata)
  // The same text anywhere else is not a schema.
  const text = JSON.stringify({ password: { v: 'x'.repeat(120) } })
  const spans = [
    ...spanOf({ metadata: { 'trulayer.response_schema': text } }).spans,
    ...spanOf({ input: text }).spans,
  ]
  expect(redactTrace(traceOf({ spans }), redactor).spans[1]?.input).toBe(
    `{"password":{"v":"${HIDDEN}"}}`,
  )
})

test('the account of a service, but for its keys', () => {
  const account = {
    type: 'service_account',
    project_id: 'shop',
    private_key_id: 'abc',
    private_key: `${PEM}\n`,
    token_uri: 'https://oauth2.googleapis.com/token',
  }
  const clean = {
    ...account,
    private_key_id: '<REDACTED:secret>',
    private_key: '<REDACTED:secret>',
  }
  expect(inputOf(account)).toEqual(clean)
  expect(inputOf(JSON.stringify(account, undefined, 2))).toBe(JSON.stringify(clean, undefined, 2))
})

test('entries whose keys become the same mark, in values, metadata and tags', () => {
  const entries = { 'a@b.co': 'x', 'c@d.co': 'y', 'e@f.co': 'z' }
  const clean = {
    '<REDACTED:email>': 'x',
    '<REDACTED:email> 2': 'y',
    '<REDACTED:email> 3': 'z',
  }
  expect(inputOf(entries)).toEqual(clean)
  const { tags, metadata } = redactTrace(traceOf({ tags: entries, metadata: entries }), redactor)
  expect([tags, metadata]).toEqual([clean, clean])
})

test('what belongs together, by pseudonyms of ids', () => {
  const clean = redactTrace(
    {
      ...spanOf({
        metadata: { 'gen_ai.tool.call.id': 'call_1' },
        input: [
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'for anna@example.com' }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'for anna@example.com' }] },
        ],
      }),
      sessionId: 'chat-1',
      userId: 'anna@example.com',
      externalId: 'anna@example.com',
      metadata: { 'user.id': 'anna@example.com' },
    },
    redactor,
  )
  const pseudonym = redactor.pseudonym('anna@example.com')
  expect(clean).toMatchObject({
    sessionId: 'chat-1',
    userId: pseudonym,
    externalId: pseudonym,
    metadata: { 'user.id': pseudonym },
  })
  expect(clean.spans[0]?.metadata['gen_ai.tool.call.id']).toBe('call_1')
  const ids = [...JSON.stringify(clean.spans[0]?.input).matchAll(/psn_[a-p]+/g)].map(String)
  expect(ids).toEqual(Array.from({ length: 2 }, () => redactor.pseudonym('for anna@example.com')))
})

test('of ids, what differs: a mark would make one of all sessions', () => {
  const sessions = ['a@b.co', 'c@d.co', 'a@b.co'].map(
    (sessionId) => redactTrace(traceOf({ sessionId }), redactor).sessionId,
  )
  expect(sessions[0]).toBe(sessions[2])
  expect(sessions[0]).not.toBe(sessions[1])
})

test('nothing of a text on which a function fails, ids by a pseudonym of their own', async () => {
  const rejected: unknown[] = []
  const note = (reason: unknown): void => void rejected.push(reason)
  process.on('unhandledRejection', note)
  const failing: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('x')
    },
    'promise of a text': async () => 'text',
    'rejected promise': () => Promise.reject(new Error('x')),
    "another realm's promise": () => runInNewContext('Promise.reject(new Error("x"))'),
    nothing: () => undefined,
    number: () => 7,
  }
  for (const redact of Object.values(failing)) {
    const clean = redactTrace(
      traceOf({ sessionId: 's-1', input: { key: 'words' }, name: '{"a":"b"}' }),
      redact as RedactFunction,
    )
    expect(clean.input).toEqual({ [REDACTION_FAILED]: REDACTION_FAILED })
    expect(clean.name).toBe(`{"${REDACTION_FAILED}":"${REDACTION_FAILED}"}`)
    expect(clean.sessionId).toMatch(/^psn_[a-p]{32}$/)
  }
  const broken = {
    redact: () => 'x',
    pseudonym: () => {
      throw new Error('x')
    },
    hides: () => {
      throw new Error('x')
    },
  }
  const clean = redactTrace(traceOf({ sessionId: 's-1', input: { count: 1 } }), broken)
  expect(clean.sessionId).toMatch(/^psn_/)
  expect(clean.input).toEqual({ x: 'x' })
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  process.off('unhandledRejection', note)
  expect(rejected).toEqual([])
})

test('an object that redacts nothing is refused when the client is made', () => {
  expect(() => new TruLayer({ redact: {} as Redactor, exitHooks: false })).toThrow(/`redact`/)
})

test.each([400, 600, 1500])('a value %d deep, which may come in a file or a request', (depth) => {
  const parse = (text: string): JsonValue => JSON.parse(text) as JsonValue
  const lists = inputOf(parse(`${'['.repeat(depth)}"a@b.co"${']'.repeat(depth)}`))
  const objects = inputOf(parse(`${'{"a@b.co":'.repeat(depth)}"a@b.co"${'}'.repeat(depth)}`))
  for (const clean of [lists, objects]) {
    const text = JSON.stringify(clean)
    expect(text).toContain('<REDACTED:email>')
    expect(text).not.toContain('a@b.co')
  }
})
