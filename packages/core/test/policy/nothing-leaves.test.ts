import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Redactor, type FinishedTrace } from '../../src/index.ts'
import { redactTrace } from '../../src/policy/redaction.ts'
import { toWireTrace } from '../../src/shape/wire.ts'
import { FIELDS, spanOf, traceOf } from './planted-fields.ts'
import { reads, textWith, valueWith } from './planted-shapes.ts'
import { SECRETS } from './secrets.ts'

const redactor = new Redactor({ packs: ['secrets', 'strict', 'phi', 'finance'] })

/* Whole names, for `test:mutation` knows a test by its title. */
const byName = FIELDS.map((field) => [field.field, field] as const)

describe('every secret, in every field', () => {
  test.each(byName)('%s', (_, { plant }) => {
    for (const secret of SECRETS) {
      const dirty = plant(secret.text, { deep: [{ value: secret.text }] })
      const clean = redactTrace(dirty, redactor)
      expect(reads(dirty, secret)).toBe(true)
      expect(reads([clean, toWireTrace(clean)], secret), `${secret.type} ${secret.text}`).toBe(
        false,
      )
    }
  })
})

describe('any secret, in any spelling, shape and depth', () => {
  const planted = fc
    .constantFrom(...SECRETS)
    .chain((secret) => fc.tuple(fc.constant(secret), textWith(secret)))
    .chain(([secret, text]) => fc.tuple(fc.constant(secret), fc.constant(text), valueWith(text)))

  test.each(byName)('%s', (_, { plant, takesValues }) => {
    fc.assert(
      fc.property(planted, ([secret, text, value]) => {
        const dirty = plant(text, value)
        expect(reads(dirty, secret)).toBe(true)
        expect(reads(redactTrace(dirty, redactor), secret)).toBe(false)
      }),
      { numRuns: takesValues ? 150 : 75 },
    )
  })
})

test('no other text of a trace comes from the host', () => {
  const all: Required<FinishedTrace> = {
    ...traceOf(),
    status: 'error',
    userId: 'user',
    externalId: 'external',
    input: 'in',
    output: 'out',
    model: 'm',
    cost: 1,
    error: 'Error: e',
    tags: { tag: 'value' },
    metadata: { note: 'words', 'trulayer.framework': 'langchain' },
    spans: [
      {
        id: '1',
        parentId: '2',
        name: 'chat m',
        type: 'llm',
        status: 'error',
        startedAt: 1,
        endedAt: 2,
        input: 'in',
        output: 'out',
        model: 'm',
        usage: { promptTokens: 1 },
        cost: 1,
        error: 'Error: e',
        metadata: { note: 'words' },
      } satisfies Required<FinishedTrace['spans'][number]>,
    ],
    events: [
      {
        id: '3',
        spanId: '1',
        level: 'info',
        message: 'words',
        metadata: { note: 'words' },
      } satisfies Required<FinishedTrace['events'][number]>,
    ],
  }
  const kept: string[] = []
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        collect(entry, `${path}.${key.replace(/^\d+$/, '*')}`)
      }
    } else if (typeof value === 'string' && value !== 'gone' && !value.startsWith('psn_')) {
      kept.push(path.slice(1))
    }
  }
  collect(
    redactTrace(all, () => 'gone'),
    '',
  )
  // Made by core.
  expect(kept.toSorted()).toEqual([
    'events.*.id',
    'events.*.level',
    'events.*.spanId',
    'id',
    'metadata.trulayer.framework',
    'model',
    'spans.*.id',
    'spans.*.model',
    'spans.*.parentId',
    'spans.*.status',
    'spans.*.type',
    'status',
  ])
})

interface Message {
  readonly parts: readonly { readonly [field: string]: string }[]
}

describe('a text that is cut into the parts of one message', () => {
  const whole = SECRETS.filter(({ secret, text }) => secret === undefined && !text.includes('"'))

  test.each([
    ['text', 'content'],
    ['text', 'text'],
    ['reasoning', 'content'],
    ['output_text', 'text'],
  ])('%s in %s, wherever it is cut', (type, field) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 4 }),
        (secret, cuts) => {
          const { text } = secret
          const at = [0, ...cuts.map((cut) => cut % text.length), text.length].toSorted(
            (one, other) => one - other,
          )
          const parts = at
            .slice(1)
            .map((end, index) => ({ type, [field]: text.slice(at[index], end) }))
          const clean = redactTrace(spanOf({ input: [{ role: 'user', parts }] }), redactor)
          const messages = clean.spans[0]?.input as unknown as Message[]
          const texts = messages.flatMap((message) => message.parts).map((part) => part[field])
          expect(texts).toHaveLength(parts.length)
          // Nothing but marks, for the end of a key that was cut is a part of the key.
          expect(texts.join('')).toMatch(/^(?:<REDACTED:\w+>[ +(]?)+$/)
        },
      ),
      { numRuns: 200 },
    )
  })

  const inParts = (...contents: string[]): unknown =>
    redactTrace(
      spanOf({
        input: [
          { role: 'user', parts: contents.map((content) => ({ type: 'text', content })) },
        ] as never,
      }),
      redactor,
    ).spans[0]?.input
  const parts = (...contents: string[]): unknown => [
    { role: 'user', parts: contents.map((content) => ({ type: 'text', content })) },
  ]

  test('parts that hold their own secrets stay apart', () => {
    expect(inParts('mail a@b.co, ', 'or c@d.co')).toEqual(
      parts('mail <REDACTED:email>, ', 'or <REDACTED:email>'),
    )
  })

  test('what the text beside it hides in the whole is taken out all the same', () => {
    expect(
      inParts('card 4111111111111111', '2 days, key sk-proj-abcdefgh', 'ijklmnopqrst'),
    ).toEqual(parts('card <REDACTED:credit_card>2 days, key <REDACTED:model_provider_key>', '', ''))
  })
})
