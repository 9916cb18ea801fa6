import { expect, test } from 'vitest'

import { textOfAnswer } from '../src/answer.ts'

test.each([
  ['nothing', [], undefined],
  ['what is no text', [{ type: 'reasoning', text: 'Hm.' }, { type: 'tool-call' }], undefined],
  ['one text', [{ type: 'text', text: 'Sunny.' }], 'Sunny.'],
  [
    'texts with something between them',
    [
      { type: 'text', text: 'Let me see. ' },
      { type: 'tool-call' },
      { type: 'text', text: 'Sunny.' },
    ],
    'Let me see. Sunny.',
  ],
  [
    'a text that is none',
    [
      { type: 'text', text: 5 },
      { type: 'text', text: 'a' },
    ],
    'a',
  ],
])('the text of %s', (_what, content, expected) => {
  expect(textOfAnswer({ content })).toBe(expected)
})
