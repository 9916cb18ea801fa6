import { Document } from '@langchain/core/documents'
import { HumanMessage } from '@langchain/core/messages'
import { JsonOutputParser, StringOutputParser } from '@langchain/core/output_parsers'
import { ChatPromptTemplate } from '@langchain/core/prompts'
import { BaseRetriever } from '@langchain/core/retrievers'
import {
  type Runnable,
  RunnableLambda,
  RunnablePassthrough,
  RunnableSequence,
} from '@langchain/core/runnables'
import { FakeListChatModel, FakeLLM } from '@langchain/core/utils/testing'
import { expect, test } from 'vitest'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { collect, play, spanNamed } from './play.ts'

class HandbookRetriever extends BaseRetriever {
  override readonly lc_namespace = ['test']

  override _getRelevantDocuments(query: string): Promise<Document[]> {
    return Promise.resolve([
      new Document({
        id: 'page-1',
        pageContent: `About ${query} ${'x'.repeat(3000)}`,
        metadata: { source: 'handbook.md', score: 0.9 },
      }),
      new Document({ pageContent: 'Nothing else.', metadata: { source: 'faq.md' } }),
    ])
  }
}

function rag(): Runnable<string, string> {
  return RunnableSequence.from([
    {
      context: new HandbookRetriever({ tags: ['handbook'] }).pipe((documents: Document[]) =>
        documents.map((document) => document.pageContent).join('\n'),
      ),
      question: new RunnablePassthrough<string>(),
    },
    ChatPromptTemplate.fromMessages([
      ['system', 'Answer from {context}'],
      ['human', '{question}'],
    ]),
    new ScriptedChatModel({ script: [{ text: 'Thirty days.' }] }),
    new StringOutputParser(),
  ])
}

const RAG = `\
chain · ok · 20 in, 5 out
├─ retrieval handbook · ok
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`

test('a chain with a retriever, invoked', async () => {
  const { tree, trace } = await play(({ callbacks }) =>
    rag().invoke('returns?', { callbacks, metadata: { session_id: 's-1', user_id: 7 } }),
  )
  expect(tree).toBe(RAG)
  expect(trace).toMatchObject({
    input: 'returns?',
    output: 'Thirty days.',
    sessionId: 's-1',
    userId: '7',
  })
  const retrieval = spanNamed(trace, 'handbook')
  expect(retrieval.input).toBe('returns?')
  expect(retrieval.output).toMatchObject([
    { id: 'page-1', score: 0.9, metadata: { source: 'handbook.md', score: 0.9 } },
    { content: 'Nothing else.', metadata: { source: 'faq.md' } },
  ])
  expect(JSON.stringify(retrieval.output).length).toBeLessThan(2300)
  expect(trace.spans[1]?.input).toMatchObject([
    {
      role: 'system',
      parts: [{ type: 'text', content: expect.stringContaining('About returns?') }],
    },
    { role: 'user', parts: [{ type: 'text', content: 'returns?' }] },
  ])
})

test('a chain with a retriever, streamed', async () => {
  const { tree, trace, outcome } = await play(async ({ callbacks }) =>
    collect(await rag().stream('returns?', { callbacks, runName: 'Returns desk', tags: ['desk'] })),
  )
  expect(outcome).toMatchObject({ value: ['Thirty ', 'days.', ''] })
  expect(tree).toBe(RAG.replace('chain', 'Returns desk'))
  expect(trace).toMatchObject({
    input: 'returns?',
    output: 'Thirty days.',
    sessionId: trace.id,
    tags: { desk: 'true' },
  })
  expect(trace.spans[1]?.metadata['trulayer.ttft_ms']).toEqual(expect.any(Number))
})

test('a batch of five is five traces', async () => {
  const questions = ['a', 'b', 'c', 'd', 'e']
  const { trees, traces } = await play(({ callbacks }) => rag().batch(questions, { callbacks }))
  expect(trees).toEqual(questions.map(() => RAG))
  expect(new Set(traces.map((trace) => trace.input))).toEqual(new Set(questions))
  expect(new Set(traces.map((trace) => trace.sessionId)).size).toBe(5)
  for (const trace of traces) {
    expect(spanNamed(trace, 'handbook').input).toBe(trace.input)
  }
})

test('an error that a batch returns is an error of its trace alone', async () => {
  const { trees } = await play(({ callbacks }) => {
    const strict = RunnableLambda.from((text: string) => {
      if (text === 'b') {
        throw new TypeError('no b')
      }
      return text
    })
    return strict
      .pipe(new RunnablePassthrough())
      .batch(['a', 'b', 'c'], { callbacks }, { returnExceptions: true })
  })
  expect(trees.toSorted()).toMatchInlineSnapshot(`
    [
      "chain · error (TypeError: no b)
    └─ other chain · error (TypeError: no b)",
      "chain · ok",
      "chain · ok",
    ]
  `)
})

test('a parser that fails is shown, and its error is that of the turn', async () => {
  const { tree, trace, outcome } = await play(({ callbacks }) =>
    new ScriptedChatModel({ script: [{ text: 'no json' }] })
      .pipe(new JsonOutputParser())
      .invoke('hello', { callbacks, runName: 'Extract' }),
  )
  expect(outcome.status).toBe('threw')
  expect(tree).toMatchInlineSnapshot(`
    "Extract · error (SyntaxError: Unexpected token 'o', "no json" is not valid JSON) · 20 in, 5 out
    ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other parser · error (SyntaxError: Unexpected token 'o', "no json" is not valid JSON)"
  `)
  expect(trace.status).toBe('error')
})

test('a chain that the user named is a span, with its own input and output', async () => {
  const { tree, trace } = await play(({ callbacks }) => {
    const inner = RunnableSequence.from([
      ChatPromptTemplate.fromTemplate('Shorten {text}'),
      new ScriptedChatModel({ script: [{ text: 'Short.' }] }),
      new StringOutputParser(),
    ]).withConfig({ runName: 'shorten' })
    return RunnableSequence.from([
      inner,
      RunnableLambda.from((text: string) => `${text}!`).withConfig({ runName: 'shout' }),
    ]).invoke({ text: 'Something long.' }, { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "chain · ok · 20 in, 5 out
    ├─ other shorten · ok
    │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other shout · ok"
  `)
  expect(trace).toMatchObject({ input: { text: 'Something long.' }, output: 'Short.!' })
  expect(spanNamed(trace, 'shorten')).toMatchObject({
    input: { text: 'Something long.' },
    output: 'Short.',
  })
})

test('a step of a stream shows what it was given, although it began before that', async () => {
  const { trace } = await play(async ({ callbacks }) => {
    const model = new ScriptedChatModel({ script: [{ text: 'A long answer.' }] })
    const shout = RunnableLambda.from((text: string) => `${text}!`).withConfig({ runName: 'shout' })
    const chain = model.pipe(new StringOutputParser()).pipe(shout)
    return await collect(await chain.stream('Hello', { callbacks }))
  })
  expect(spanNamed(trace, 'shout')).toMatchObject({
    input: 'A long answer.',
    output: 'A long answer.!',
  })
})

test('the time to the first token of a stream without text is that of its first chunk', async () => {
  const { trace } = await play(async ({ callbacks }) => {
    const toolCalls = [{ id: 'call_1', name: 'weather', args: { city: 'Paris' } }]
    const model = new ScriptedChatModel({ script: [{ toolCalls, delay: 100 }] })
    return await collect(await model.stream('Hello', { callbacks }))
  })
  const time = trace.spans[0]?.metadata['trulayer.ttft_ms']
  expect(time).toBeGreaterThanOrEqual(90)
  expect(time).toBeLessThan(190)
})

test('what a parser makes of the answer is the output, as data', async () => {
  const { tree, trace } = await play(({ callbacks }) =>
    new ScriptedChatModel({ script: [{ text: '{"city": "Paris"}' }] })
      .pipe(new JsonOutputParser())
      .invoke('Where?', { callbacks }),
  )
  expect(tree).toBe('chain · ok · 20 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 20 in, 5 out')
  expect(trace).toMatchObject({ input: 'Where?', output: { city: 'Paris' } })
})

test('a fallback shows both models, and no wrapper around them', async () => {
  const { tree } = await play(({ callbacks }) => {
    const down = new ScriptedChatModel({ model: 'primary', script: [{ error: new Error('down') }] })
    const backup = new ScriptedChatModel({ model: 'backup', script: [{ text: 'Hi.' }] })
    return down
      .withRetry({ stopAfterAttempt: 1 })
      .withFallbacks([backup.withRetry()])
      .invoke('hello', { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "chain · ok · 20 in, 5 out
    ├─ llm chat primary · error (Error: down)
    └─ llm chat backup · ok · 20 in, 5 out"
  `)
})

test('a model alone is a trace with that one span', async () => {
  const { tree, trace } = await play(({ callbacks }) =>
    new ScriptedChatModel({ script: [{ text: 'Hi.' }] }).invoke([new HumanMessage('Hello')], {
      callbacks,
      metadata: { thread_id: 'thread-9' },
    }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "chat gpt-4o-mini · ok · 20 in, 5 out
    └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
  expect(trace).toMatchObject({ input: 'Hello', output: 'Hi.', sessionId: 'thread-9' })
})

test('a completion model', async () => {
  const { tree, trace } = await play(({ callbacks }) =>
    new FakeLLM({ response: 'Hi.' }).invoke('Hello', { callbacks }),
  )
  expect(tree).toBe('text_completion · ok\n└─ llm text_completion · ok')
  expect(trace).toMatchObject({ input: 'Hello', output: 'Hi.' })
})

test('a model that names neither itself nor its tokens', async () => {
  const { trace } = await play(({ callbacks }) =>
    new FakeListChatModel({ responses: ['Hi.'] }).invoke('Hello', { callbacks }),
  )
  expect(trace.spans).toMatchObject([{ name: 'chat', usage: undefined }])
  expect(trace.spans[0]?.metadata).toEqual({
    'gen_ai.operation.name': 'chat',
    'trulayer.framework': 'langchain',
    'trulayer.status': 'ok',
  })
})
