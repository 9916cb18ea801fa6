import { attributes } from '@trulayer/core/internal'
import { describe, expect, test } from 'vitest'

import { mapAnswerText, mapQuery } from '../src/map-answer.ts'
import { mapToolError } from '../src/map-error.ts'
import { mapMessages } from '../src/map-messages.ts'
import { mapModelName, mapParameters, mapResponse, mapUsage } from '../src/map-model.ts'
import { mapNodes, mapStoreName, mapTopK } from '../src/map-nodes.ts'
import { StreamedAnswer } from '../src/streamed-answer.ts'

const text = (content: string) => ({ type: 'text', content })

describe('messages', () => {
  test.each([
    ['a text', { role: 'user', content: 'hi' }, { role: 'user', parts: [text('hi')] }],
    ['nothing', { role: 'assistant', content: '' }, { role: 'assistant', parts: [] }],
    [
      'parts, of which one is unknown',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'new', x: 1 },
        ],
      },
      { role: 'user', parts: [text('hi'), { type: 'other', content: { type: 'new', x: 1 } }] },
    ],
    [
      'an address',
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.b/c.png' } }] },
      { role: 'user', parts: [{ type: 'uri', uri: 'https://a.b/c.png' }] },
    ],
    [
      'calls, whose arguments may be text',
      {
        role: 'assistant',
        content: 'Wait.',
        options: {
          toolCall: [
            { id: 'c1', name: 'look', input: '{"city":"Paris"}' },
            { id: 'c2', name: 'look', input: '{"city":' },
          ],
        },
      },
      {
        role: 'assistant',
        parts: [
          text('Wait.'),
          { type: 'tool_call', id: 'c1', name: 'look', arguments: { city: 'Paris' } },
          { type: 'tool_call', id: 'c2', name: 'look', arguments: '{"city":' },
        ],
      },
    ],
    [
      'the answer of a tool, which is the user’s',
      { role: 'user', content: 'sunny', options: { toolResult: { id: 'c1', result: 'sunny' } } },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny' }] },
    ],
    ['what is none', 42, { role: 'user', parts: [] }],
  ])('%s', (_title, message, expected) => {
    expect(mapMessages([message])).toEqual([expected])
  })

  test('a list is needed', () => {
    expect(mapMessages('hi')).toBeUndefined()
  })
})

describe('answers and queries', () => {
  test.each([
    ['a text', 'yes', 'yes'],
    ['an engine’s', { message: { content: 'yes' } }, 'yes'],
    ['one of parts', { message: { content: [{ type: 'text', text: 'yes' }] } }, 'yes'],
    ['an older engine’s', { response: 'yes' }, 'yes'],
    ['an agent’s', { data: { result: 'yes' } }, 'yes'],
    ['none', { rows: 3 }, undefined],
  ])('%s', (_title, answer, expected) => {
    expect(mapAnswerText(answer)).toBe(expected)
  })

  test.each([['why?'], [{ query: 'why?' }], [{ query: [{ type: 'text', text: 'why?' }] }]])(
    'a query as %j',
    (query) => {
      expect(mapQuery(query)).toBe('why?')
    },
  )
})

describe('tokens', () => {
  test.each([
    ['OpenAI', { raw: { usage: { prompt_tokens: 3, completion_tokens: 2 } } }, 3],
    [
      'Anthropic',
      { raw: { usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 2 } } },
      3,
    ],
    ['Gemini', { raw: { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } } }, 3],
    [
      'Gemini, one level lower',
      { raw: { response: { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } } } },
      3,
    ],
    ['Ollama', { raw: { prompt_eval_count: 3, eval_count: 2 } }, 3],
    ['OpenAI’s responses', { options: { usage: { input_tokens: 3, output_tokens: 2 } } }, 3],
  ])('of %s', (_title, answer, promptTokens) => {
    expect(mapUsage(answer)).toMatchObject({ promptTokens, completionTokens: 2 })
  })

  test('that nobody reported are unknown', () => {
    expect(mapUsage({ raw: {} })).toBeUndefined()
    expect(mapUsage(undefined)).toBeUndefined()
  })
})

describe('models', () => {
  test('an embedding is a function with its name on it', () => {
    expect(mapModelName(Object.assign(() => {}, { model: 'small' }))).toBe('small')
    expect(mapModelName({ metadata: { model: 'big' } })).toBe('big')
    expect(mapModelName(undefined)).toBeUndefined()
  })

  test('only numbers are parameters', () => {
    const metadata = { model: 'm', temperature: 0, topP: undefined, maxTokens: 5, tokenizer: 'x' }
    expect(mapParameters({ metadata })).toEqual({
      [attributes.requestTemperature]: 0,
      [attributes.requestMaxTokens]: 5,
    })
  })

  test('an answer tells of itself in its provider’s words', () => {
    expect(mapResponse({ raw: { id: 'r', model: 'm', stop_reason: 'end_turn' } })).toMatchObject({
      [attributes.responseId]: 'r',
      [attributes.responseModel]: 'm',
      [attributes.responseFinishReasons]: ['end_turn'],
    })
  })

  test('the parts of a stream make one answer, in which a call comes more than once', () => {
    const answer = new StreamedAnswer()
    const call = (input: string) => ({ toolCall: [{ id: 'c1', name: 'look', input }] })
    expect(answer.add({ delta: 'It ' })).toBe(true)
    expect(answer.add({ delta: 'is.', options: call('{"a"') })).toBe(false)
    answer.add({ delta: '', options: call('{"a":1}'), raw: { usage: { prompt_tokens: 1 } } })
    expect(answer.text).toBe('It is.')
    expect(answer.usage).toEqual({ promptTokens: 1 })
    expect(answer.toMessages()).toEqual([
      {
        role: 'assistant',
        parts: [text('It is.'), { type: 'tool_call', id: 'c1', name: 'look', arguments: { a: 1 } }],
      },
    ])
  })
})

describe('nodes', () => {
  test('have id, score, and a text that is cut', () => {
    const node = { id_: 'n', metadata: { page: 1 }, getContent: () => 'x'.repeat(3000) }
    const [mapped] = mapNodes([{ node, score: 0.5 }])
    expect(mapped).toMatchObject({ id: 'n', score: 0.5, metadata: { page: 1 } })
    expect(mapped?.content).toHaveLength(2000)
    expect(mapped?.content.endsWith('…')).toBe(true)
  })

  test('one whose text cannot be read loses itself alone', () => {
    const broken = {
      getContent: () => {
        throw new Error('no')
      },
    }
    const nodes = [{ node: broken }, { node: { id_: 'n', text: 'here' } }]
    expect(mapNodes(nodes)).toEqual([{ id: 'n', content: 'here', metadata: undefined }])
  })

  test('come from a store that may have a name, and are so many', () => {
    const store = { collectionName: 'guides' }
    const retriever = { index: { vectorStores: { TEXT: store } }, topK: { TEXT: 7 } }
    expect(mapStoreName({ retriever })).toBe('guides')
    expect(mapTopK({ retriever })).toBe(7)
    expect(mapStoreName({})).toBeUndefined()
    expect(mapTopK(undefined)).toBeUndefined()
  })
})

describe('errors of tools', () => {
  test.each([
    ['Error(RangeError): sunk', { name: 'RangeError', message: 'sunk' }],
    [
      new Error('Error: Error(TypeError): two\nlines'),
      { name: 'TypeError', message: 'two\nlines' },
    ],
    ['broken', { name: 'Error', message: 'broken' }],
  ])('%s', (told, expected) => {
    expect(mapToolError(told)).toEqual(expected)
  })

  test('one that LlamaIndex did not touch stays as it is', () => {
    const error = new TypeError('Error: mine')
    expect(mapToolError(error)).toBe(error)
    expect(mapToolError(undefined)).toMatchObject({ message: 'the tool failed' })
  })
})
