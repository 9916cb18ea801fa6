import { Document } from '@langchain/core/documents'
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { BaseRetriever } from '@langchain/core/retrievers'
import { tool } from '@langchain/core/tools'
import { createAgent } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { collectingClient } from '../../../test/support/collecting-client.ts'
import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { TruLayerCallbackHandler, trulayerTraceId } from '../src/index.ts'
import { spanNamed } from './play.ts'

/* Most is recorded a little after it happened. What a program does to its own objects meanwhile must not be seen. */

const text = (content: string) => [{ type: 'text', content }]

test('the messages of a model and its answer', async () => {
  const { client, traces } = collectingClient()
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const question = new HumanMessage('What is 2 + 3?')
  const messages: BaseMessage[] = [question]
  const model = new ScriptedChatModel({
    script: [{ text: 'Let me see.', toolCalls: [{ id: 'c1', name: 'sum', args: { a: 2, b: 3 } }] }],
  })
  const answer = await model.invoke(messages, { callbacks })
  messages.push(answer)
  question.content = 'changed'
  answer.content = 'changed'
  answer.tool_calls?.splice(0)
  await client.flush()
  expect(traces[0]?.spans).toMatchObject([
    {
      input: [{ role: 'user', parts: text('What is 2 + 3?') }],
      output: [
        {
          role: 'assistant',
          parts: [
            ...text('Let me see.'),
            { type: 'tool_call', id: 'c1', name: 'sum', arguments: { a: 2, b: 3 } },
          ],
        },
      ],
      usage: { promptTokens: 20, completionTokens: 5 },
    },
  ])
})

test('the arguments and the result of a tool', async () => {
  const { client, traces } = collectingClient()
  const stock = { city: 'Paris', shops: ['Louvre'] }
  const lookUp = tool(() => stock, {
    name: 'lookUp',
    description: 'Looks up',
    schema: z.object({ where: z.array(z.string()) }),
  })
  const input = { where: ['France'] }
  await lookUp.invoke(input, { callbacks: [new TruLayerCallbackHandler({ client })] })
  input.where.push('Germany')
  stock.shops.push('Berlin')
  await client.flush()
  expect(traces[0]?.spans).toMatchObject([
    { input: { where: ['France'] }, output: { city: 'Paris', shops: ['Louvre'] } },
  ])
})

test('the documents of a retriever', async () => {
  const document = new Document({ id: '1', pageContent: 'Thirty days.', metadata: { page: 1 } })
  class Handbook extends BaseRetriever {
    override readonly lc_namespace = ['test']

    override _getRelevantDocuments(): Promise<Document[]> {
      return Promise.resolve([document])
    }
  }
  const { client, traces } = collectingClient()
  await new Handbook().invoke('returns', { callbacks: [new TruLayerCallbackHandler({ client })] })
  const before = JSON.stringify([{ id: '1', content: 'Thirty days.', metadata: { page: 1 } }])
  document.pageContent = 'changed'
  document.metadata['page'] = 2
  await client.flush()
  expect(JSON.stringify(traces[0]?.spans[0]?.output)).toBe(before)
})

test('what an agent was given and answered', async () => {
  const { client, traces } = collectingClient()
  const sum = tool(({ a, b }) => String(a + b), {
    name: 'sum',
    description: 'Adds',
    schema: z.object({ a: z.number(), b: z.number() }),
  })
  const agent = createAgent({
    name: 'support',
    model: new ScriptedChatModel({
      script: [
        {
          toolCalls: [
            { id: 'c1', name: 'sum', args: { a: 2, b: 3 } },
            { id: 'c2', name: 'sum', args: { a: 'two' } },
          ],
        },
        { text: 'It is 5.' },
      ],
    }),
    tools: [sum],
  })
  const question = { messages: [new HumanMessage('What is 2 + 3?')] }
  const state = await agent.invoke(question, {
    callbacks: [new TruLayerCallbackHandler({ client })],
  })
  for (const message of [...question.messages, ...state.messages]) {
    message.content = 'changed'
    if (message instanceof AIMessage) message.tool_calls = []
    if (message instanceof ToolMessage) message.tool_call_id = 'changed'
  }
  question.messages.push(new HumanMessage('changed'))
  state.messages.push(new AIMessage('changed'))
  const traceId = trulayerTraceId(state)
  await client.flush()
  const [trace] = traces
  expect(trace).toMatchObject({ id: traceId, input: 'What is 2 + 3?', output: 'It is 5.' })
  expect(JSON.stringify(trace)).not.toContain('changed')
  // Of the second call, whose arguments are invalid, the node's answer alone tells.
  expect(trace?.spans.map(({ name, status }) => [name, status])).toEqual([
    ['chat gpt-4o-mini', 'ok'],
    ['sum', 'ok'],
    ['sum', 'error'],
    ['chat gpt-4o-mini', 'ok'],
  ])
})

test('an error that the program goes on to change', async () => {
  const { client, traces } = collectingClient()
  const failing = tool(
    () => {
      throw new RangeError('no such city')
    },
    { name: 'weather', description: 'The weather', schema: z.object({}) },
  )
  try {
    await failing.invoke({}, { callbacks: [new TruLayerCallbackHandler({ client })] })
  } catch (error) {
    Object.assign(error as Error, { message: 'changed' })
  }
  await client.flush()
  const [trace] = traces
  if (trace === undefined) throw new Error('no trace')
  expect(spanNamed(trace, 'weather').error).toBe('RangeError: no such city')
})
