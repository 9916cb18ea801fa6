import { Buffer } from 'node:buffer'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { snapshot } from '../../src/shape/safe-json.ts'
import { snapshotMessages } from '../../src/shape/snapshot-messages.ts'
import { wellFormedText } from '../../src/shape/well-formed-text.ts'

const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(692, 7),
])
const base64 = PNG.toString('base64')
/* Content that starts like no known format. */
const plain = Buffer.alloc(700, 9).toString('base64')
const blob = { type: 'blob', mime_type: 'image/png', bytes: 700 }

class GeneratedFile {
  readonly base64Data: string | undefined
  readonly uint8ArrayData: Uint8Array | undefined
  readonly mediaType = 'image/png'

  constructor(data: string | Uint8Array) {
    this.base64Data = typeof data === 'string' ? data : undefined
    this.uint8ArrayData = typeof data === 'string' ? undefined : data
  }

  get base64(): never {
    throw new Error('not to be encoded by a tracer')
  }
}

describe('media is replaced by its type and size', () => {
  test.each<[string, unknown, unknown]>([
    ['MCP', { type: 'image', data: plain, mimeType: 'image/png' }, blob],
    [
      'a short image',
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { ...blob, bytes: 3 },
    ],
    [
      'a resource of MCP',
      { type: 'resource', resource: { uri: 'file:///a.png', mimeType: 'image/png', blob: plain } },
      { type: 'resource', resource: { ...blob, uri: 'file:///a.png' } },
    ],
    ['a kind alone', { type: 'image', data: plain }, { type: 'blob', bytes: 700 }],
    ['a file of the AI SDK', { type: 'file', mediaType: 'image/png', data: plain }, blob],
    [
      'a tagged file of the AI SDK',
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: plain } },
      blob,
    ],
    ['bytes', { type: 'file', mediaType: 'image/png', data: new Uint8Array(PNG) }, blob],
    [
      'an image of bytes',
      { type: 'image', image: new Uint8Array(700) },
      { type: 'blob', bytes: 700 },
    ],
    ['an ArrayBuffer', { mimeType: 'image/png', data: new ArrayBuffer(700) }, blob],
    ['a list of bytes', { mimeType: 'image/png', data: [...PNG] }, blob],
    ['a generated file', new GeneratedFile(base64), blob],
    ['a generated file of bytes', new GeneratedFile(new Uint8Array(PNG)), blob],
    ['a Buffer that was JSON', { type: 'Buffer', data: [...PNG] }, { type: 'blob', bytes: 700 }],
    [
      'OpenAI image_url',
      { type: 'image_url', image_url: { url: `data:image/png;base64,${plain}`, detail: 'low' } },
      { type: 'image_url', image_url: { url: blob, detail: 'low' } },
    ],
    [
      'OpenAI input_audio',
      { type: 'input_audio', input_audio: { data: plain, format: 'wav' } },
      {
        type: 'input_audio',
        input_audio: { type: 'blob', mime_type: 'audio/wav', bytes: 700, format: 'wav' },
      },
    ],
    ['OpenAI b64_json', { b64_json: plain }, { type: 'blob', bytes: 700 }],
    [
      'an image that OpenAI made',
      { type: 'image_generation_call', id: 'ig_1', result: base64 },
      { type: 'blob', mime_type: 'image/png', bytes: 700, id: 'ig_1' },
    ],
    ['an image that a provider made, in a result', { result: base64 }, { result: blob }],
    [
      'Anthropic',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: plain } },
      { type: 'image', source: blob },
    ],
    ['Google', { inlineData: { mimeType: 'image/png', data: plain } }, { inlineData: blob }],
    [
      'what stands beside',
      { type: 'file', name: 'a.png', mimeType: 'image/png', data: plain },
      { ...blob, name: 'a.png' },
    ],
    ['a data URL', `data:image/png;base64,${plain}`, blob],
    [
      'a data URL that is no base64',
      'data:image/svg+xml;utf8,%3Csvg%20%2F%3E',
      { type: 'blob', mime_type: 'image/svg+xml', bytes: 15 },
    ],
    ['a known format', base64, blob],
    [
      'a data URL in a text',
      `see ![x](data:image/png;base64,${plain}) here`,
      'see ![x]([blob image/png 700 bytes]) here',
    ],
    [
      'two data URLs in a text',
      `data:image/png;base64,${plain} and data:image/gif;base64,R0lGODlh`,
      '[blob image/png 700 bytes] and [blob image/gif 6 bytes]',
    ],
    [
      'a known format in a text',
      `shot: ${Buffer.concat([PNG, PNG]).toString('base64')}.`,
      'shot: [blob image/png 1400 bytes].',
    ],
    [
      'JSON text',
      JSON.stringify({ content: [{ type: 'image', data: plain, mimeType: 'image/png' }], n: 1 }),
      JSON.stringify({ content: [blob], n: 1 }),
    ],
    [
      'a Buffer in JSON text',
      ` ${JSON.stringify([Buffer.from('abc')])}`,
      JSON.stringify([{ type: 'blob', bytes: 3 }]),
    ],
    [
      'JSON text that was cut',
      `[{"mimeType":"image/png","data":"${Buffer.alloc(900, 9).toString('base64')}`,
      '[{"mimeType":"image/png","data":"[blob image/png 900 bytes]',
    ],
    [
      'content that was cut',
      { mimeType: 'image/png', data: `${plain}…[truncated]` },
      { type: 'blob', mime_type: 'image/png' },
    ],
    [
      'what only begins like JSON',
      `{ "a": "data:image/png;base64,${plain}" `,
      '{ "a": "[blob image/png 700 bytes]" ',
    ],
  ])('%s', (_, value, expected) => {
    const input = detached(value)
    expect(snapshot({ value })).toMatchObject({ value: { value: expected }, truncated: false })
    expect(detached(value)).toEqual(input)
  })

  test('content that is larger than a snapshot', () => {
    const data = 'B'.repeat(8_000_000)
    expect(snapshot({ type: 'image', data, mimeType: 'image/png', alt: 'a' })).toEqual({
      value: { type: 'blob', mime_type: 'image/png', bytes: 6_000_000, alt: 'a' },
      bytes: expect.closeTo(70, -2),
      truncated: false,
    })
  })

  test('the text of a message stays a text, and the response of a tool need not', () => {
    const url = `data:image/png;base64,${plain}`
    const messages = [
      { role: 'user', parts: [{ type: 'text' as const, content: url }] },
      { role: 'tool', parts: [{ type: 'tool_call_response' as const, response: url }] },
    ]
    const kept = [
      { role: 'user', parts: [{ type: 'text', content: '[blob image/png 700 bytes]' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', response: blob }] },
    ]
    expect(snapshotMessages(messages, { maxBytes: 100_000 }).value).toEqual(kept)
    expect(snapshot(messages).value).toEqual(kept)
  })
})

describe('what is no media stays as it is', () => {
  const sha512 = 'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce'.repeat(2)
  test.each<[string, unknown]>([
    ['an id', { type: 'file', data: 'file_abc123' }],
    ['a short id', { type: 'image', data: 'img1' }],
    ['a hash', { type: 'file', data: sha512 }],
    ['a hash with a media type', { mimeType: 'image/png', data: sha512 }],
    ['a name', { type: 'image', image: 'photo123', mimeType: 'image/png' }],
    ['an address', { type: 'image', image: 'https://example.com/a.png' }],
    ['a token', { token: base64.slice(20) }],
    ['an encrypted text of a provider', { encrypted_content: plain }],
    ['a long base64 text', { data: plain }],
    ['a text file', { mimeType: 'text/plain', data: 'Hello' }],
    ['numbers', { mimeType: 'application/json', data: [1, 2, 3] }],
    ['a long word', 'x'.repeat(10_000)],
    ['a text about data URLs', 'Write data:image/png;base64, and then the content. data:text, too'],
    ['a text that begins like a data URL', 'data:text/plain,see the list of names below'],
    ['JSON text with hashes', JSON.stringify({ hash: sha512, id: 'a'.repeat(40), big: 1e21 })],
    ['JSON text with other base64', `{"key": "${plain}",  "n": 12345678901234567890}`],
    ['what we made of media', blob],
  ])('%s', (_, value) => {
    expect(snapshot(value).value).toEqual(value)
  })

  test('any text without base64 in it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        fc.pre(!text.includes('\0'))
        expect(snapshot(text).value).toBe(wellFormedText(text))
      }),
    )
  })
})

/* Time of the processor, the least of some runs. */
function millisecondsOf(text: string): number {
  const times = Array.from({ length: 3 }, () => {
    const start = process.cpuUsage()
    snapshot(text, { maxBytes: 100_000_000 })
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  return Math.min(...times)
}

test.each([
  ';base64,',
  ';base64,AAAA',
  'data:image/png;base64,',
  'data:image/png;base64,AAAA ',
  `${'A'.repeat(1023)} `,
  `${'A'.repeat(159)}"`,
  '"iVBORw0KGgo",',
  'data:',
  ';a',
  '=',
  '{"Buffer"',
])('takes time that grows with the text alone: %s', (piece) => {
  const small = piece.repeat(400_000 / piece.length)
  for (const text of [small, `data:${small}`, `[${small}`]) {
    const large = millisecondsOf(text.repeat(8))
    // What grows with the square takes 64 times as long. A short time says nothing.
    expect(large < 50 ? 0 : large / millisecondsOf(text)).toBeLessThan(30)
  }
})

/* A copy to compare with, as nothing of the host's may change. */
function detached(value: unknown): unknown {
  return value instanceof GeneratedFile ? Object.entries(value) : structuredClone(value)
}
