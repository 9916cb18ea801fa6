import { describe, expect, test } from 'vitest'

import { readAnswer } from '../src/answer.ts'
import { mapContent, mapMessages } from '../src/map-messages.ts'
import { StreamedAnswer } from '../src/streamed-answer.ts'

const bytes = new Uint8Array(700)
const blob = { type: 'blob', mime_type: 'image/png', bytes: 700 }

describe('a part of a message', () => {
  test.each([
    ['text', { type: 'text', text: 'hi' }, { type: 'text', content: 'hi' }],
    ['reasoning', { type: 'reasoning', text: 'hm' }, { type: 'reasoning', content: 'hm' }],
    ['an image of version 1', { type: 'image', image: bytes, mimeType: 'image/png' }, blob],
    ['a file of version 2', { type: 'file', data: bytes, mediaType: 'image/png' }, blob],
    [
      'a file of version 4',
      { type: 'file', data: { type: 'data', data: bytes }, mediaType: 'image/png' },
      blob,
    ],
    [
      'an address',
      { type: 'file', data: new URL('https://a.example/b.png'), mediaType: 'image/png' },
      { type: 'uri', mime_type: 'image/png', uri: 'https://a.example/b.png' },
    ],
    [
      'an address of version 4',
      { type: 'file', data: { type: 'url', url: new URL('https://a.example/b') } },
      { type: 'uri', uri: 'https://a.example/b' },
    ],
    [
      'a text file',
      { type: 'file', data: { type: 'text', text: 'notes' }, mediaType: 'text/plain' },
      { type: 'text', content: 'notes' },
    ],
    [
      'a file that the provider keeps',
      {
        type: 'file',
        data: { type: 'reference', reference: { openai: 'file-1' } },
        mediaType: 'application/pdf',
      },
      { type: 'file', mime_type: 'application/pdf', file_id: 'file-1' },
    ],
    [
      'a tool call',
      { type: 'tool-call', toolCallId: 'c', toolName: 't', input: { a: 1 } },
      { type: 'tool_call', id: 'c', name: 't', arguments: { a: 1 } },
    ],
    [
      'a tool call as a model writes it',
      { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{"a":1}' },
      { type: 'tool_call', id: 'c', name: 't', arguments: { a: 1 } },
    ],
    [
      'a broken tool call',
      { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{"a":' },
      { type: 'tool_call', id: 'c', name: 't', arguments: '{"a":' },
    ],
    [
      'a tool call of version 1',
      { type: 'tool-call', toolCallId: 'c', toolName: 't', args: { a: 1 } },
      { type: 'tool_call', id: 'c', name: 't', arguments: { a: 1 } },
    ],
    [
      'a result as text',
      { type: 'tool-result', toolCallId: 'c', output: { type: 'text', value: 'ok' } },
      { type: 'tool_call_response', id: 'c', response: 'ok' },
    ],
    [
      'a result as an error',
      { type: 'tool-result', toolCallId: 'c', output: { type: 'error-json', value: { no: 1 } } },
      { type: 'tool_call_response', id: 'c', response: { no: 1 } },
    ],
    [
      'a result that was denied',
      { type: 'tool-result', toolCallId: 'c', output: { type: 'execution-denied', reason: 'no' } },
      { type: 'tool_call_response', id: 'c', response: 'no' },
    ],
    [
      'a result with media',
      {
        type: 'tool-result',
        toolCallId: 'c',
        output: {
          type: 'content',
          value: [
            { type: 'text', text: 'see' },
            { type: 'media', data: 'AAAA', mediaType: 'image/png' },
            { type: 'file-url', url: 'https://a.example/b' },
          ],
        },
      },
      {
        type: 'tool_call_response',
        id: 'c',
        response: [
          { type: 'text', content: 'see' },
          { type: 'blob', mime_type: 'image/png', bytes: 3 },
          { type: 'uri', uri: 'https://a.example/b' },
        ],
      },
    ],
    [
      'a result of the provider',
      { type: 'tool-result', toolCallId: 'c', result: [1] },
      { type: 'tool_call_response', id: 'c', response: [1] },
    ],
    [
      'a source',
      { type: 'source', id: 's', url: 'https://a.example', providerMetadata: { secret: 1 } },
      { type: 'other', content: { type: 'source', id: 's', url: 'https://a.example' } },
    ],
    ['what is no part', 7, { type: 'other', content: 7 }],
  ])('that is %s', (_name, part, expected) => {
    expect(mapMessages([{ role: 'user', content: [part] }])).toEqual([
      { role: 'user', parts: [expected] },
    ])
  })

  test('that is plain text, or missing', () => {
    expect(mapMessages([{ role: 'system', content: 'be brief' }, { role: 'user' }, null])).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'be brief' }] },
      { role: 'user', parts: [] },
    ])
    expect(mapMessages('hi')).toBeUndefined()
    expect(mapContent([])).toEqual([])
  })
})

describe('an answer', () => {
  const call = { toolCallId: 'c', toolName: 't', args: '{}' }

  test('of version 1 has its parts in one list', () => {
    const reasoning = [
      { type: 'text', text: 'hm' },
      { type: 'redacted', data: 'x' },
    ]
    expect(readAnswer({ text: 'hi', reasoning, toolCalls: [call] }).content).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning', text: '' },
      { type: 'text', text: 'hi' },
      { type: 'tool-call', ...call },
    ])
  })

  test('that comes in parts is put together by block', () => {
    const answer = new StreamedAnswer()
    const written = [
      { type: 'stream-start' },
      { type: 'reasoning-delta', id: 'r', delta: 'h' },
      { type: 'text-delta', id: 'a', delta: 'x' },
      { type: 'text-delta', id: 'b', delta: 'y' },
      { type: 'text-delta', id: 'a', delta: 'z' },
      { type: 'reasoning-delta', id: 'r', delta: 'm' },
      { type: 'ping' },
    ].map((part) => answer.add(part))
    expect(written).toEqual([false, true, true, true, true, true, false])
    expect(mapContent(answer.content)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'text', content: 'xz' },
          { type: 'text', content: 'y' },
        ],
      },
    ])
  })

  test('that comes in parts of version 1', () => {
    const answer = new StreamedAnswer()
    for (const part of [
      { type: 'reasoning', textDelta: 'hm' },
      { type: 'text-delta', textDelta: 'a' },
      { type: 'text-delta', textDelta: 'b' },
      { type: 'tool-call', ...call },
      { type: 'finish', finishReason: 'stop', usage: { promptTokens: 1 } },
    ]) {
      answer.add(part)
    }
    expect(answer).toMatchObject({
      finishReason: 'stop',
      isFinished: true,
      usage: { promptTokens: 1 },
    })
    expect(mapContent(answer.content)[0]?.parts).toEqual([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'ab' },
      { type: 'tool_call', id: 'c', name: 't', arguments: {} },
    ])
  })
})
