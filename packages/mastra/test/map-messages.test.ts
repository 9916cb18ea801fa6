import { describe, expect, test } from 'vitest'

import { mapError, refusalOf } from '../src/map-error.ts'
import { mapAnswer, mapMessages } from '../src/map-messages.ts'

describe('messages', () => {
  test.each([
    ['a text is none', 'hi', undefined],
    ['the legacy input', { messages: 'hi' }, [{ role: 'user', parts: [text('hi')] }]],
    ['texts in a list', ['hi'], [{ role: 'user', parts: [text('hi')] }]],
    [
      'parts of the database',
      [{ role: 'user', content: { format: 2, parts: [{ type: 'text', text: 'hi' }] } }],
      [{ role: 'user', parts: [text('hi')] }],
    ],
    [
      'the result of a tool',
      [
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 'c1', output: { type: 'json', value: { sky: 1 } } },
          ],
        },
      ],
      [{ role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { sky: 1 } }] }],
    ],
  ])('%s', (_title, told, expected) => {
    expect(mapMessages(told)).toEqual(expected)
  })

  test('an answer holds reasoning, text and calls', () => {
    const toolCalls = [{ toolCallId: 'c1', toolName: 'weather', args: '{"city":"Paris"}' }]
    expect(mapAnswer({ text: 'hi', reasoning: [{ text: 'hm' }], toolCalls })?.parts).toEqual([
      { type: 'reasoning', content: 'hm' },
      text('hi'),
      { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } },
    ])
    expect(mapAnswer({ text: '', toolCalls: [] })).toBeUndefined()
  })
})

describe('errors', () => {
  test.each([
    [
      { message: 'bad key', name: 'APIError' },
      { name: 'APIError', message: 'bad key' },
    ],
    [
      { message: 'RangeError: step broke\n    at file:1:1' },
      { name: 'RangeError', message: 'step broke' },
    ],
    [{}, undefined],
  ])('%j', (told, expected) => {
    expect(mapError(told)).toEqual(expected)
  })

  test('a tool that answers with an error of its own has not failed', () => {
    expect(refusalOf({ success: true }, { error: true, message: 'no' })).toBeUndefined()
    expect(refusalOf({ success: false }, { error: true, message: 'no' })?.message).toBe('no')
  })
})

function text(content: string) {
  return { type: 'text', content }
}
