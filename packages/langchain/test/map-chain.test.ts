import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { Command } from '@langchain/langgraph'
import { describe, expect, test } from 'vitest'

import { mapChainInput, mapChainOutput } from '../src/map-chain.ts'

const OUTERMOST = true
const WITHIN = false
const history = [new HumanMessage('First?'), new AIMessage('Yes.'), new HumanMessage('And now?')]

describe('what a chain was given', () => {
  test.each([
    { form: 'messages', inputs: { messages: history }, input: 'And now?' },
    { form: 'a message', inputs: new HumanMessage('Hi'), input: 'Hi' },
    { form: 'a list of messages', inputs: { input: history }, input: 'And now?' },
    { form: 'pairs', inputs: { messages: [['user', 'Hi']] }, input: 'Hi' },
    { form: 'a text for messages', inputs: { messages: 'Hi' }, input: 'Hi' },
    { form: 'a single value', inputs: { input: 'Hi' }, input: 'Hi' },
    { form: 'a resumption', inputs: new Command({ resume: { ok: true } }), input: { ok: true } },
    { form: 'nothing', inputs: { input: null }, input: null },
    { form: 'no message of a user', inputs: [new AIMessage('Yes.')], input: 'Yes.' },
    { form: 'data', inputs: { a: { b: 1 } }, input: { a: { b: 1 } } },
  ])('$form', ({ inputs, input }) => {
    expect(mapChainInput(inputs, OUTERMOST)).toEqual(input)
  })

  test('a history beside the question is in the shape of messages', () => {
    const inputs = { question: 'And now?', history: [new HumanMessage('First?')] }
    expect(mapChainInput(inputs, OUTERMOST)).toEqual({
      question: 'And now?',
      history: [{ role: 'user', parts: [{ type: 'text', content: 'First?' }] }],
    })
  })

  test('of a state within, its plain values, cut', () => {
    const state = { question: 'x', step: 3, done: false, documents: [{}], long: 'x'.repeat(2001) }
    expect(mapChainInput(state, WITHIN)).toEqual({
      question: 'x',
      step: 3,
      done: false,
      long: expect.stringMatching(/^x{1900,1999}…$/),
    })
    expect(mapChainInput({ documents: [{}] }, WITHIN)).toBeUndefined()
  })
})

describe('what a chain returned', () => {
  test.each([
    {
      form: 'messages',
      outputs: { messages: [...history, new AIMessage('Done.')] },
      output: 'Done.',
    },
    { form: 'a message', outputs: new AIMessage('Done.'), output: 'Done.' },
    { form: 'a single value', outputs: { output: 'Done.' }, output: 'Done.' },
    { form: 'data', outputs: { city: { name: 'Paris' } }, output: { city: { name: 'Paris' } } },
    {
      form: 'an answer that a tool gave',
      outputs: { messages: [new ToolMessage({ content: '5', tool_call_id: 'call_1' })] },
      output: '5',
    },
    {
      form: 'a structured response',
      outputs: { messages: [new AIMessage('{}')], structuredResponse: { city: 'Paris' } },
      output: { city: 'Paris' },
    },
    { form: 'no answer yet', outputs: { messages: history }, output: undefined },
  ])('$form', ({ outputs, output }) => {
    expect(mapChainOutput(outputs, OUTERMOST)).toEqual(output)
  })

  test('the outermost run shows all, and one within its plain values', () => {
    const state = { question: 'x', documents: [{}], answer: 'y'.repeat(3000) }
    expect(mapChainOutput(state, OUTERMOST)).toEqual(state)
    expect(mapChainOutput(state, WITHIN)).toEqual({
      question: 'x',
      answer: expect.stringMatching(/^y{1900,1999}…$/),
    })
    expect(mapChainOutput({ output: [{ id: 1 }] }, OUTERMOST)).toEqual([{ id: 1 }])
  })

  test('an answer beside messages that end with the question', () => {
    const state = { messages: history, answer: { sure: true } }
    expect(mapChainOutput(state, OUTERMOST)).toEqual({ answer: { sure: true } })
    expect(mapChainOutput(state, WITHIN)).toBeUndefined()
  })

  test('a node that goes on by command', () => {
    const command = new Command({
      goto: 'next',
      update: { messages: [new AIMessage('Over to you.')] },
    })
    expect(mapChainOutput(command, WITHIN)).toBe('Over to you.')
  })
})
