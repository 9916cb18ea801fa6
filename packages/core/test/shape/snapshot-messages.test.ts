import { expect, test } from 'vitest'

import type { Message, MessagePart } from '../../src/shape/messages.ts'
import { snapshot } from '../../src/shape/safe-json.ts'
import { joinMessages, snapshotMessages } from '../../src/shape/snapshot-messages.ts'

const MEGABYTE = 1024 * 1024
const loop: Record<string, unknown> = { city: 'Rome' }
loop['self'] = loop
const user = (content: string): Message => ({ role: 'user', parts: [{ type: 'text', content }] })
const answer = (response: unknown): Message => ({
  role: 'tool',
  parts: [{ type: 'tool_call_response', id: 'call_1', response }],
})
const many = (count: number): MessagePart[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'text', content: `part ${index}` }))

const cases: readonly (readonly [what: string, messages: readonly Message[], maxBytes: number])[] =
  [
    ['no message', [], MEGABYTE],
    ['a message without parts', [{ role: 'assistant', parts: [] }], MEGABYTE],
    ['text', [user('hi'), user('')], MEGABYTE],
    ['text of other scripts', [user('überall 東京 🌍')], MEGABYTE],
    ['text that PostgreSQL refuses', [user('a\0b \uD800 c')], MEGABYTE],
    ['a role that it refuses', [{ role: 'us\0er', parts: [] }], MEGABYTE],
    [
      'calls',
      [
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'Let me see.' },
            {
              type: 'tool_call',
              id: undefined,
              name: 'weather',
              arguments: { city: 'Paris', n: -0 },
            },
            { type: 'tool_call', id: 'call_1', name: 'weather', arguments: undefined },
          ],
        },
      ],
      MEGABYTE,
    ],
    [
      'media',
      [{ role: 'user', parts: [{ type: 'blob', mime_type: 'image/png', bytes: 9 }] }],
      MEGABYTE,
    ],
    [
      'values of every kind',
      [answer([1n, Number.NaN, new Map([['a', 1]]), new Date(0)])],
      MEGABYTE,
    ],
    ['what is no value', [answer(undefined), answer(() => {}), answer(Symbol('a'))], MEGABYTE],
    ['null', [answer(null), answer(false), answer(0)], MEGABYTE],
    ['a cycle', [answer(loop)], MEGABYTE],
    ['bytes', [answer(new Uint8Array(300))], MEGABYTE],
    ['a text that is too long', [user('x'.repeat(5000)), user('later')], 1000],
    ['a result that is too long', [user('hi'), answer({ text: 'x'.repeat(5000) })], 1000],
    ['more messages than a list keeps', Array.from({ length: 10_005 }, () => user('a')), MEGABYTE],
    ['more parts than a list keeps', [{ role: 'user', parts: many(10_005) }], MEGABYTE],
  ]

test.each(cases)('%s: messages are copied as any value is', (_what, messages, maxBytes) => {
  expect(snapshotMessages(messages, { maxBytes })).toEqual(snapshot(messages, { maxBytes }))
})

test('the copy does not change with what it was made of', () => {
  const found = { city: 'Rome' }
  const messages = [answer(found)]
  const { value } = snapshotMessages(messages, { maxBytes: MEGABYTE })
  found.city = 'Paris'
  expect(value).toEqual([answer({ city: 'Rome' })])
})

test.each(cases)(
  '%s: joined with others it is what all of them are',
  (_what, messages, maxBytes) => {
    const before = [user('before')]
    const joined = joinMessages(
      [snapshotMessages(before, { maxBytes }), snapshotMessages(messages, { maxBytes })],
      { maxBytes },
    )
    const together = snapshot([...before, ...messages], { maxBytes })
    expect(joined.truncated).toBe(together.truncated)
    expect(joined.bytes).toBeLessThanOrEqual(maxBytes + 1000)
    if (!together.truncated) {
      expect(joined.value).toEqual(together.value)
    }
  },
)

test('what is joined is shared, so that a long conversation costs no more with each call', () => {
  const limits = { maxBytes: MEGABYTE }
  const history = snapshotMessages([user('x'.repeat(1000))], limits)
  const joined = joinMessages([history, snapshotMessages([answer('sunny')], limits)], limits)
  const [first] = Array.isArray(joined.value) ? joined.value : []
  const [original] = Array.isArray(history.value) ? history.value : []
  expect(first).toBe(original)
  expect(joined.bytes).toBeGreaterThan(history.bytes)
})

test('what is joined has the bounds of any value, and says what was cut', () => {
  const limits = { maxBytes: 1000 }
  const half = snapshotMessages([user('x'.repeat(700))], limits)
  const joined = joinMessages([half, half], limits)
  expect(joined.truncated).toBe(true)
  expect(JSON.stringify(joined.value).length).toBeLessThan(1100)
  expect(joinMessages([half], limits)).toEqual({ ...half })
})
