import type { Message, MessagePart, Snapshot } from '@trulayer/core/internal'
import { describe, expect, test } from 'vitest'

import { type KnownMessage, promptOf, reportedPrompt } from '../src/reported-prompt.ts'

const system = message('system', text('Be kind.'))
const question = message('user', text('Hi'))
const asked = message('assistant', text('Let me look.'), call('c1', 'look'), call('c2', 'clock'))
const answered = results(response('c1', 'sunny'), response('c2', 'noon'))
const known = [system, question, asked, answered]

describe('the prompt of a call', () => {
  test.each([
    [
      'everything that is known',
      [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Let me look.[tool: look][tool: clock]' },
        { role: 'tool', content: '[tool-result: look][tool-result: clock]' },
      ],
      known,
    ],
    [
      'a message in place of others',
      [{ role: 'user', content: 'A summary' }],
      [message('user', text('A summary'))],
    ],
    [
      'one call of two',
      [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Let me look.[tool: clock]' },
        { role: 'tool', content: '[tool-result: clock]' },
      ],
      [
        question,
        message('assistant', text('Let me look.'), call('c2', 'clock')),
        results(response('c2', 'noon')),
      ],
    ],
    [
      'a call that is known nowhere',
      [
        { role: 'assistant', content: '[tool: pay]' },
        { role: 'tool', content: '[tool-result: pay]' },
      ],
      [
        message('assistant', { type: 'tool_call', name: 'pay' }),
        results(response(undefined, '[tool-result: pay]')),
      ],
    ],
    [
      'results in clear',
      [
        { role: 'assistant', content: 'Let me look. [tool: look] [tool: clock]' },
        { role: 'tool', content: 'sunny' },
        { role: 'tool', content: '{"shown":1}' },
      ],
      [asked, results(response('c1', 'sunny'), response('c2', { shown: 1 }))],
    ],
  ])('%s', (_title, reported, expected) => {
    expect(prompt(reported)).toEqual(expected.flatMap(({ copies }) => copies.map(valueOf)))
  })

  test('of equal calls the latest', () => {
    const again = message('assistant', call('c9', 'look'))
    const result = results(response('c9', 'rainy'))
    const earlier = [message('assistant', call('c8', 'look')), results(response('c8', 'sunny'))]
    const reported = [
      { role: 'assistant', content: '[tool: look]' },
      { role: 'tool', content: '[tool: look]' },
    ]
    expect(prompt(reported, [...earlier, again, result])).toEqual(
      [again, result].flatMap(({ copies }) => copies.map(valueOf)),
    )
  })

  test('what a request in clear lost is taken from what is known', () => {
    const messages = [
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          { id: 'c1', function: { name: '[MaxDepth]', arguments: '[MaxDepth]' } },
          { id: 'c7', function: { name: 'pay', arguments: '{"n":1}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'sun…[truncated]' },
      { role: 'tool', tool_call_id: 'c7', content: 'paid' },
    ]
    const body = JSON.stringify({ messages })
    expect(prompt({ body })).toEqual(
      [
        message('assistant', text('Let me look.'), call('c1', 'look'), {
          type: 'tool_call',
          id: 'c7',
          name: 'pay',
          arguments: { n: 1 },
        }),
        results(response('c1', 'sunny'), response('c7', 'paid')),
      ].flatMap(({ copies }) => copies.map(valueOf)),
    )
  })

  test.each([
    ['no input', undefined],
    ['an empty request', {}],
    ['a request that is no JSON', { body: 'cut off' }],
    ['an entry of the Responses API that is no message', [{ role: 'user', content: '' }]],
    ['a result without a role of its own', [{ role: 'user', content: '[tool_result]' }]],
  ])('%s says nothing', (_title, input) => {
    expect(reportedPrompt(input)).toBeUndefined()
  })
})

function prompt(input: unknown, messages: readonly KnownMessage[] = known): unknown[] {
  return promptOf(reportedPrompt(input) ?? [], messages, keep).flatMap(({ copies }) =>
    copies.map(valueOf),
  )
}

function keep(kept: Message): Snapshot {
  return { value: JSON.parse(JSON.stringify([kept])), bytes: 0, truncated: false }
}

function valueOf({ value }: Snapshot): unknown {
  return value
}

function message(role: string, ...parts: MessagePart[]): KnownMessage {
  return { role, copies: [keep({ role, parts })] }
}

function results(...parts: MessagePart[]): KnownMessage {
  return { role: 'tool', copies: parts.map((part) => keep({ role: 'tool', parts: [part] })) }
}

function text(content: string): MessagePart {
  return { type: 'text', content }
}

function call(id: string, name: string): MessagePart {
  return { type: 'tool_call', id, name, arguments: {} }
}

function response(id: string | undefined, value: unknown): MessagePart {
  return { type: 'tool_call_response', id, response: value }
}
