import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Redactor, TruLayer, type FinishedTrace, type TruLayerOptions } from '../../src/index.ts'
import { redactTrace } from '../../src/policy/redaction.ts'
import type { JsonValue } from '../../src/shape/json.ts'
import { toWireTrace } from '../../src/shape/wire.ts'
import { clearTraces, lastTrace } from '../../src/testing/index.ts'
import { startIngestServer } from '../../../../test/support/ingest-server.ts'
import { collectLog } from '../support.ts'
import { SECRETS, type PlantedSecret } from './secrets.ts'

const redactor = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })
const ID = '00000000-0000-7000-8000-000000000001'

type Fields = Partial<FinishedTrace>

const SPAN = {
  id: ID,
  name: 'chat m',
  type: 'llm' as const,
  status: 'ok' as const,
  startedAt: 1,
  endedAt: 2,
  metadata: {},
}

function traceOf(fields: Fields): FinishedTrace {
  return {
    id: ID,
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

const event = (fields: object): Fields => ({
  events: [{ id: ID, level: 'info', message: 'm', metadata: {}, ...fields }],
})
const span = (fields: object): Fields => ({ spans: [{ ...SPAN, ...fields }] })

/* Every place of a trace that holds words of the host: take one out of the code, and its test fails. */
const FIELDS: Readonly<Record<string, (text: string, value: JsonValue) => Fields>> = {
  name: (text) => ({ name: text }),
  sessionId: (text) => ({ sessionId: text }),
  userId: (text) => ({ userId: text }),
  externalId: (text) => ({ externalId: text }),
  input: (_, value) => ({ input: value }),
  output: (_, value) => ({ output: value }),
  error: (text) => ({ error: `Error: ${text}` }),
  'tag key': (text) => ({ tags: { [text]: 'v' } }),
  'tag value': (text) => ({ tags: { k: text } }),
  'metadata key': (text) => ({ metadata: { [text]: 1 } }),
  'metadata value': (_, value) => ({ metadata: { k: value } }),
  'metadata user.id': (text) => ({ metadata: { 'user.id': text } }),
  'metadata environment': (text) => ({ metadata: { 'deployment.environment.name': text } }),
  'metadata that looks like core': (text) => ({
    metadata: { 'trulayer.note': text, 'gen_ai.x': text },
  }),
  'span name': (text) => span({ name: text }),
  'span input': (_, value) => span({ input: value }),
  'span output': (_, value) => span({ output: value }),
  'span error': (text) => span({ error: `Error: ${text}` }),
  'span metadata key': (text) => span({ metadata: { [text]: 1 } }),
  'span metadata value': (_, value) => span({ metadata: { k: value } }),
  'span tool call id': (text) => span({ metadata: { 'gen_ai.tool.call.id': text } }),
  'span agent name': (text) => span({ metadata: { 'gen_ai.agent.name': text } }),
  'span tool definitions': (_, value) => span({ metadata: { 'gen_ai.tool.definitions': value } }),
  'span stop sequences': (text) => span({ metadata: { 'gen_ai.request.stop_sequences': [text] } }),
  'span reason': (text) => span({ metadata: { 'trulayer.reason': text } }),
  'span hand-off': (text) => span({ metadata: { 'trulayer.handoff_to': text } }),
  'span branch': (text) => span({ metadata: { 'trulayer.branch': text } }),
  'span stack': (text) => span({ metadata: { 'exception.stacktrace': text } }),
  'tool call id in a message': (text) =>
    span({ output: [{ role: 'assistant', parts: [{ type: 'tool_call', id: text, name: 'n' }] }] }),
  'tool response id in a message': (text) =>
    span({ input: [{ role: 'tool', parts: [{ type: 'tool_call_response', id: text }] }] }),
  'event message': (text) => event({ message: text }),
  'event metadata key': (text) => event({ metadata: { [text]: 1 } }),
  'event metadata value': (_, value) => event({ metadata: { k: value } }),
}

/** A secret inside a value of any shape, as a leaf, a key, and in JSON inside strings. */
function wrapped(secret: PlantedSecret): fc.Arbitrary<JsonValue> {
  const leaf = fc
    .tuple(
      fc.constantFrom('', 'It is ', '😀 ', '語 ', 'x="'),
      fc.constantFrom('', ' here', '\n', '"'),
    )
    .map(([before, after]): JsonValue => `${before}${secret.text}${after}`)
  const around = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), {
    maxKeys: 2,
  })
  return fc
    .tuple(
      leaf,
      fc.array(fc.constantFrom('list', 'object', 'key', 'json', 'pretty', 'parts'), {
        maxLength: 6,
      }),
      around,
    )
    .map(([start, layers, others]) =>
      layers.reduce<JsonValue>(
        (value, layer) => wrap(value, layer, others as { [key: string]: JsonValue }),
        start,
      ),
    )
}

function wrap(value: JsonValue, layer: string, others: { [key: string]: JsonValue }): JsonValue {
  switch (layer) {
    case 'list':
      return [1, value, null]
    case 'object':
      return { ...others, value }
    case 'key':
      return typeof value === 'string' ? { [value]: true } : { value }
    case 'json':
      return JSON.stringify({ value })
    case 'pretty':
      return JSON.stringify([value, 1.5], null, 2)
    default:
      return [
        {
          role: 'user',
          parts: [
            { type: 'text', content: typeof value === 'string' ? value : JSON.stringify(value) },
          ],
        },
      ]
  }
}

/* As text and with every escape undone, for a secret in JSON inside strings is a secret. */
function reads(value: unknown, secret: string): boolean {
  let text = JSON.stringify(value)
  for (let depth = 0; depth < 12; depth += 1) {
    if (text.includes(secret)) {
      return true
    }
    text = text.replaceAll('\\n', '\n').replaceAll(/\\(.)/g, '$1')
  }
  return false
}

describe('every field', () => {
  test.each(Object.entries(FIELDS))('%s', (_, plant) => {
    for (const secret of SECRETS) {
      const { text, secret: hidden = text } = secret
      const dirty = traceOf(plant(text, { deep: [{ value: text }] }))
      expect(reads(dirty, hidden)).toBe(true)
      const clean = redactTrace(dirty, redactor)
      expect(reads(clean, hidden), `${secret.type} ${text}`).toBe(false)
      expect(reads(toWireTrace(clean), hidden)).toBe(false)
    }
  })

  test('the list of fields is whole: no other text of a trace comes from the host', () => {
    const seen = new Set<string>()
    const dirty = Object.values(FIELDS).reduce<FinishedTrace>(
      (trace, plant) => ({ ...trace, ...plant('x', 'x') }),
      traceOf({}),
    )
    const collect = (value: unknown, path: string): void => {
      if (typeof value === 'object' && value !== null) {
        for (const [key, entry] of Object.entries(value)) {
          collect(entry, `${path}.${key.replace(/^\d+$/, '*')}`)
        }
      } else if (typeof value === 'string') {
        seen.add(path)
      }
    }
    collect(
      redactTrace(dirty, () => 'gone'),
      '',
    )
    const kept = Object.keys(traceOf({})).filter((key) => seen.has(`.${key}`))
    // Made by core.
    expect(kept.toSorted()).toEqual(['id', 'name', 'sessionId', 'status'])
  })
})

describe('every shape', () => {
  test.each([
    'input',
    'output',
    'metadata value',
    'span input',
    'span output',
    'span metadata value',
    'event metadata value',
  ])('%s', (field) => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...SECRETS)
          .chain((secret) => fc.tuple(fc.constant(secret), wrapped(secret))),
        ([secret, value]) => {
          const clean = redactTrace(traceOf(FIELDS[field]?.('x', value) ?? {}), redactor)
          return !reads(clean, secret.secret ?? secret.text)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('secrets that are cut into parts of one message', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          ...SECRETS.filter(({ secret, text }) => secret === undefined && !text.includes('"')),
        ),
        fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('content', 'text'),
        ({ text }, cuts, name) => {
          const at = [0, ...cuts.map((cut) => cut % text.length), text.length].toSorted(
            (a, b) => a - b,
          )
          const parts = at.slice(1).map((end, index) => ({
            type: 'text',
            [name]: text.slice(at[index], end),
          }))
          const clean = redactTrace(traceOf(span({ input: [{ role: 'user', parts }] })), redactor)
          const [message] = clean.spans[0]?.input as unknown as [
            { parts: { [key: string]: string }[] },
          ]
          const whole = message.parts.map((part) => part[name]).join('')
          return !whole.includes(text) && message.parts.length === parts.length
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('what is kept', () => {
  test('the same objects, where nothing was found', () => {
    const input = [{ role: 'user', parts: [{ type: 'text', content: 'Where is my order?' }] }]
    const clean = redactTrace(traceOf(span({ input })), redactor)
    expect(clean.spans[0]?.input).toBe(input)
  })

  test('JSON texts as they were written, numbers of any length among it', () => {
    const input =
      '{ "id" : 12345678901234567890123 ,\n "key": "AKIAIOSFODNN7EXAMPLE", "key": 1.0e5 }'
    expect(redactTrace(traceOf({ input }), redactor).input).toBe(
      '{ "id" : 12345678901234567890123 ,\n "key": "<REDACTED:aws_access_key>", "key": 1.0e5 }',
    )
  })

  test('card numbers that are numbers become marks, others stay', () => {
    const input = {
      card: 4_111_111_111_111_111,
      at: 1_790_000_000_000,
      json: '{"card":4111111111111111}',
    }
    expect(redactTrace(traceOf({ input }), redactor).input).toEqual({
      card: '<REDACTED:credit_card>',
      at: 1_790_000_000_000,
      json: '{"card":"<REDACTED:credit_card>"}',
    })
  })

  test('entries whose keys become the same mark', () => {
    const input = { 'a@b.co': 1, 'c@d.co': 2 }
    expect(redactTrace(traceOf({ input }), redactor).input).toEqual({
      '<REDACTED:email>': 1,
      '<REDACTED:email> 2': 2,
    })
  })

  test('what belongs together, by pseudonyms of ids', () => {
    const clean = redactTrace(
      traceOf({
        sessionId: 'chat-1',
        userId: 'anna@example.com',
        metadata: { 'user.id': 'anna@example.com' },
        ...span({
          metadata: { 'gen_ai.tool.call.id': 'call_1' },
          input: [
            { role: 'assistant', parts: [{ type: 'tool_call', id: 'for anna@example.com' }] },
            { role: 'tool', parts: [{ type: 'tool_call_response', id: 'for anna@example.com' }] },
          ],
        }),
      }),
      redactor,
    )
    expect(clean.sessionId).toBe('chat-1')
    expect(clean.userId).toBe(redactor.pseudonym('anna@example.com'))
    expect(clean.metadata['user.id']).toBe(clean.userId)
    expect(clean.spans[0]?.metadata['gen_ai.tool.call.id']).toBe('call_1')
    const ids = [...JSON.stringify(clean.spans[0]?.input).matchAll(/psn_[a-p]+/g)].map(String)
    expect(new Set(ids)).toEqual(new Set([redactor.pseudonym('for anna@example.com')]))
    expect(ids).toHaveLength(2)
  })

  test('values under a telling key are taken out whole', () => {
    const input = {
      password: 'short',
      apiKey: ['one', 'two'],
      keyboard: 'x',
      json: '{"client_secret":"s"}',
    }
    expect(redactTrace(traceOf({ input }), redactor).input).toEqual({
      password: '<REDACTED:secret>',
      apiKey: ['<REDACTED:secret>', '<REDACTED:secret>'],
      keyboard: 'x',
      json: '{"client_secret":"<REDACTED:secret>"}',
    })
  })
})

describe('every way out', () => {
  const secret = SECRETS.find(({ type }) => type === 'model_provider_key')?.text ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'trulayer-'))
  afterEach(() => {
    vi.unstubAllEnvs()
    clearTraces()
  })

  async function turn(client: TruLayer): Promise<void> {
    await client
      .trace(
        `answer ${secret}`,
        async (trace) => {
          trace.setInput({ [secret]: [`{"deep":"${secret}"}`] })
          trace.setTag(secret, secret)
          trace.event(secret, { metadata: { [secret]: secret } })
          await trace.span(secret, 'llm', (inner) => {
            inner.setInput([{ role: 'user', parts: [{ type: 'text', content: secret }] }])
            inner.setMetadata({ [secret]: secret })
            throw new TypeError(secret)
          })
        },
        { sessionId: secret, userId: secret, externalId: secret, metadata: { a: secret } },
      )
      .catch(() => undefined)
  }

  test.each<readonly [string, TruLayerOptions]>([
    ['plain', {}],
    ['debug', { debug: true }],
    ['debug payload', { debug: 'payload' }],
  ])('live, with feedback and with its log: %s', async (_, options) => {
    await using server = await startIngestServer()
    const log = collectLog()
    const client = new TruLayer({
      apiKey: 'tl_test',
      endpoint: server.url,
      exitHooks: false,
      logger: log.logger,
      ...options,
    })
    const heard: FinishedTrace[] = []
    client.onTrace((trace) => heard.push(trace))
    let traceId = ''
    await client.trace('first', (trace) => {
      traceId = trace.traceId
    })
    await turn(client)
    const result = await client.submitFeedback({
      traceId,
      label: 'bad',
      comment: `no: ${secret}`,
      metadata: { source: 'thumbs_button', [secret]: { a: [secret] } },
    })
    await client.shutdown()
    expect(result).toEqual({ accepted: true })
    expect(server.traces).toHaveLength(2)
    expect(server.feedback).toEqual([
      {
        trace_id: traceId,
        label: 'bad',
        comment: 'no: <REDACTED:model_provider_key>',
        metadata: {
          source: 'thumbs_button',
          '<REDACTED:model_provider_key>': { a: ['<REDACTED:model_provider_key>'] },
        },
      },
    ])
    expect(reads([server.requests.map(({ body }) => body), log.lines, heard], secret)).toBe(false)
    expect(log.lines.length > 0).toBe(options.debug !== undefined)
  })

  test('local', async () => {
    const client = new TruLayer({ mode: 'local', exitHooks: false })
    await turn(client)
    const trace = await lastTrace({ client })
    expect(trace.name).toBe('answer <REDACTED:model_provider_key>')
    expect(reads(trace, secret)).toBe(false)
  })

  test('replay', async () => {
    const file = join(folder, 'traces.jsonl')
    writeFileSync(
      file,
      JSON.stringify(toWireTrace(traceOf({ name: secret, input: { a: secret } }))),
    )
    vi.stubEnv('TRULAYER_REPLAY_FILE', file)
    const client = new TruLayer({ mode: 'replay', exitHooks: false })
    const trace = await lastTrace({ client })
    expect(trace.name).toBe('<REDACTED:model_provider_key>')
    expect(reads(trace, secret)).toBe(false)
    rmSync(folder, { recursive: true })
  })

  test('false lets everything out', async () => {
    const client = new TruLayer({ mode: 'local', redact: false, exitHooks: false })
    await turn(client)
    expect(reads(await lastTrace({ client }), secret)).toBe(true)
  })
})
