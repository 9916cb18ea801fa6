import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeTrace } from '../../src/deliver/encoded-trace.ts'
import { trimTrace } from '../../src/deliver/trim-trace.ts'
import { limitTrace } from '../../src/policy/limits.ts'
import type { JsonValue } from '../../src/shape/json.ts'
import { snapshot } from '../../src/shape/safe-json.ts'
import { traceProblem } from '../../../../test/support/contract.ts'
import { idOf, makeEncoded, makeTrace } from './support.ts'

const CONTEXT = { projectName: undefined, sequence: 1, now: 0 }
const SPAN_BYTES = 20_000
const FIELD_BYTES = 100_000
const ILL_FORMED = /\0|\p{Surrogate}/u

const utf8 = (text: string): number => new TextEncoder().encode(text).length

/* Any unit of UTF-16, halves of pairs and NUL among them, and now and then a lot of it. */
const anyText = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(0, 0x22, 0x5c, 0xd83d, 0xde00), fc.nat({ max: 0xffff })))
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom('x', '"', '\0', '漢', '😀', '\uD83D'), fc.nat({ max: 40_000 }))
    .map(([piece, times]) => piece.repeat(times)),
)

/* What a host may hand over: plain, cyclic, bottomless, and what throws at each touch. Made late, since tools touch it too. */
const anyPayload: fc.Arbitrary<() => unknown> = fc.oneof(
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true })
    .map((value) => () => value),
  anyText.map((text) => () => text),
  fc
    .array(fc.record({ role: fc.constantFrom('system', 'user', 'tool'), content: anyText }))
    .map((messages) => () => messages),
  fc.dictionary(anyText, anyText).map((texts) => () => {
    const circle: Record<string, unknown> = { ...texts }
    circle['self'] = [circle]
    return circle
  }),
  fc
    .constantFrom('get', 'ownKeys', 'has', 'getOwnPropertyDescriptor', 'getPrototypeOf')
    .map((trap) => () => {
      const handler = {
        [trap]: () => {
          throw new Error('not yours')
        },
      }
      return { inside: new Proxy({}, handler) }
    }),
  fc.nat({ max: 30_000 }).map((levels) => () => nested(levels)),
)

function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level += 1) {
    value = [value]
  }
  return value
}

/* As the recorder and the policy hand it on. */
const take = (value: unknown): JsonValue => snapshot(value, { maxBytes: FIELD_BYTES }).value

describe('no payload makes encoding throw, hang or exceed its limit', () => {
  test('in inputs and outputs, and every name around them', () => {
    fc.assert(
      fc.property(anyPayload, anyPayload, anyText, (input, output, text) => {
        const [span] = makeTrace(1).spans
        const trace = makeTrace(1, {
          name: text,
          sessionId: text,
          externalId: text,
          tags: { [text]: text },
          metadata: { [text]: take(text) },
          input: take(input()),
          output: take(output()),
          error: text,
          spans:
            span === undefined ? [] : [{ ...span, input: take(input()), output: take(output()) }],
          events: [{ id: idOf(3), level: 'info', message: text, metadata: {} }],
        })
        const { json } = encodeTrace(limitTrace(trace, { spanBytes: SPAN_BYTES }), CONTEXT)
        const wire: { readonly spans: readonly object[] } = JSON.parse(json)
        for (const one of wire.spans) {
          expect(utf8(JSON.stringify(one))).toBeLessThanOrEqual(SPAN_BYTES)
        }
        const texts: string[] = []
        JSON.parse(json, (key, value) => {
          texts.push(key, ...(typeof value === 'string' ? [value] : []))
          return value
        })
        expect(texts.filter((one) => ILL_FORMED.test(one))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('literal escapes stay what they are', () => {
    const text = String.raw`the literal \u0000 and \ud800 stay, 😀 too`
    expect(JSON.parse(encodeTrace(makeTrace(1, { text }), CONTEXT).json).input).toBe(text)
  })
})

describe('a trace that is too large for the service', () => {
  test('is cut to about half of it, again and again, and stays one that the contract allows', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), (texts) => {
        const [span] = makeTrace(1).spans
        const spans = texts.map((output) => ({ ...(span ?? expect.fail()), output: take(output) }))
        let trace = encodeTrace(makeTrace(1, { spans }), CONTEXT)
        for (let next = trimTrace(trace); next !== undefined; next = trimTrace(next)) {
          expect(next.bytes).toBeLessThan(trace.bytes * 0.9)
          expect(traceProblem(JSON.parse(next.json))).toBeUndefined()
          expect([next.id, next.sequence]).toEqual([trace.id, trace.sequence])
          trace = next
        }
        expect(trace.json.match(ILL_FORMED)).toBeNull()
      }),
      { numRuns: 100 },
    )
  })

  test('loses the middle of its longest text and leaves the short ones whole', () => {
    const trace = encodeTrace(makeTrace(1, { output: `a${'x'.repeat(90_000)}z` }), CONTEXT)
    const trimmed = trimTrace(trace) ?? expect.fail()
    const { input, output, metadata, spans } = JSON.parse(trimmed.json)
    expect([input, spans[0].input, spans[0].metadata]).toEqual(['question 1', 'question 1', {}])
    expect(output).toMatch(/^ax+… \[\d+ bytes cut\] …x+z$/)
    expect(metadata).toEqual({
      'trulayer.truncated': expect.stringMatching(/^90012 bytes to 44\d{3}$/),
    })
    expect(trimmed.bytes).toBeLessThan(trace.bytes * 0.52)
  })

  test('cannot be cut where it is small, or where what is large is none of its texts', () => {
    expect(trimTrace(encodeTrace(makeTrace(1), CONTEXT))).toBeUndefined()
    const metadata = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`key ${index}`, 'x'.repeat(1000)]),
    )
    expect(trimTrace(encodeTrace(makeTrace(1, { metadata }), CONTEXT))).toBeUndefined()
    expect(trimTrace(makeEncoded(1, { bytes: 100_000 }))).toBeUndefined()
  })
})
