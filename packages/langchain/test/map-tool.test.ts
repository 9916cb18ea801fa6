import { ToolMessage } from '@langchain/core/messages'
import { Command } from '@langchain/langgraph'
import { expect, test } from 'vitest'

import { mapToolInput, mapToolOutput } from '../src/map-tool.ts'

test.each([
  ['{"city":"Paris"}', { city: 'Paris' }],
  ['[1]', [1]],
  ['Paris', 'Paris'],
  ['{not json', '{not json'],
  ['7', '7'],
])('the arguments %s', (text, input) => {
  expect(mapToolInput(text)).toEqual(input)
})

const message = new ToolMessage({ content: 'sunny', name: 'weather', tool_call_id: 'call_1' })
const outcome = { output: 'sunny', failure: undefined, name: 'weather', callId: 'call_1' }

test.each([
  { form: 'a message', value: message },
  { form: 'a command with a message', value: new Command({ update: { messages: [message] } }) },
])('$form', ({ value }) => {
  expect(mapToolOutput(value)).toMatchObject(outcome)
})

test('a failure that the tool reports', () => {
  const failed = new ToolMessage({
    content: 'no such city',
    tool_call_id: 'call_1',
    status: 'error',
  })
  expect(mapToolOutput(failed)).toMatchObject({ output: 'no such city', failure: 'no such city' })
})

test.each([['text'], [7], [{ role: 'admin' }], [undefined], [['a', 'b']]])(
  'a value of its own: %o',
  (value) => {
    expect(mapToolOutput(value)).toMatchObject({ output: value, failure: undefined })
  },
)
