import {
  AIMessage,
  ChatMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { expect, test } from 'vitest'

import { mapMessage } from '../src/map-messages.ts'

const PIXEL = 'iVBORw0KGgo='

test.each([
  { form: 'an instance', message: new HumanMessage('Hi') },
  { form: 'a plain object', message: { role: 'user', content: 'Hi' } },
  { form: 'a plain object of LangChain', message: { type: 'human', content: 'Hi' } },
  { form: 'a pair', message: ['human', 'Hi'] },
  { form: 'a text', message: 'Hi' },
])('$form', ({ message }) => {
  expect(mapMessage(message)).toEqual({ role: 'user', parts: [{ type: 'text', content: 'Hi' }] })
})

test.each([
  { message: new SystemMessage('x'), role: 'system' },
  { message: new AIMessage('x'), role: 'assistant' },
  { message: new ToolMessage({ content: 'x', tool_call_id: 'call_1' }), role: 'tool' },
  { message: new ChatMessage('x', 'critic'), role: 'critic' },
])('the role $role', ({ message, role }) => {
  expect(mapMessage(message).role).toBe(role)
})

test('tool calls stand after the text, also those that are not valid', () => {
  const message = new AIMessage({
    content: [
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Paris' } },
    ],
    tool_calls: [{ id: 'call_1', name: 'weather', args: { city: 'Paris' } }],
    invalid_tool_calls: [{ id: 'call_2', name: 'weather', args: '{"ci', error: 'cut' }],
  })
  expect(mapMessage(message).parts).toEqual([
    { type: 'text', content: 'Let me see.' },
    { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } },
    { type: 'tool_call', id: 'call_2', name: 'weather', arguments: '{"ci' },
  ])
})

test('the answer of a tool', () => {
  const text = new ToolMessage({ content: 'sunny', tool_call_id: 'call_1' })
  expect(mapMessage(text).parts).toEqual([
    { type: 'tool_call_response', id: 'call_1', response: 'sunny' },
  ])
  const picture = new ToolMessage({
    content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } }],
    tool_call_id: 'call_1',
  })
  expect(mapMessage(picture).parts).toEqual([
    {
      type: 'tool_call_response',
      id: 'call_1',
      response: [{ type: 'blob', mime_type: 'image/png', bytes: 8 }],
    },
  ])
})

test.each([
  {
    form: 'OpenAI',
    block: { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
  },
  {
    form: 'OpenAI, short',
    block: { type: 'image_url', image_url: `data:image/png;base64,${PIXEL}` },
  },
  {
    form: 'Anthropic',
    block: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
  },
  {
    form: 'LangChain 0.3',
    block: { type: 'image', source_type: 'base64', mime_type: 'image/png', data: PIXEL },
  },
  { form: 'LangChain 1', block: { type: 'image', mimeType: 'image/png', data: PIXEL } },
  { form: 'Google', block: { type: 'media', mimeType: 'image/png', data: PIXEL } },
  {
    form: 'bytes',
    block: { type: 'image', mimeType: 'image/png', data: new Uint8Array(8) },
  },
])('media is told by kind and size: $form', ({ block }) => {
  expect(mapMessage({ role: 'user', content: [block] }).parts).toEqual([
    { type: 'blob', mime_type: 'image/png', bytes: 8 },
  ])
})

test.each([
  {
    block: { type: 'image_url', image_url: 'https://example.com/a.png' },
    part: { type: 'uri', uri: 'https://example.com/a.png' },
  },
  {
    block: { type: 'file', file: { file_id: 'file-7' } },
    part: { type: 'file', file_id: 'file-7' },
  },
  {
    block: { type: 'input_audio', input_audio: { data: PIXEL, format: 'wav' } },
    part: { type: 'blob', mime_type: 'audio/wav', bytes: 8 },
  },
  { block: { type: 'refusal', refusal: 'No.' }, part: { type: 'text', content: 'No.' } },
  {
    block: { type: 'reasoning', reasoning: 'Hm.' },
    part: { type: 'reasoning', content: 'Hm.' },
  },
  {
    block: { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
    part: { type: 'reasoning', content: 'Hm.' },
  },
  { block: { type: 'thinking', thinking: 'Hm.' }, part: { type: 'reasoning', content: 'Hm.' } },
  {
    block: { type: 'citation', page: 3 },
    part: { type: 'other', content: { type: 'citation', page: 3 } },
  },
])('a block of the type $block.type', ({ block, part }) => {
  expect(mapMessage({ role: 'assistant', content: [block] }).parts).toEqual([part])
})

test('empty texts and what is no block are left out', () => {
  expect(
    mapMessage({ role: 'user', content: [{ type: 'text', text: '' }, '', null, 7] }).parts,
  ).toEqual([])
})
