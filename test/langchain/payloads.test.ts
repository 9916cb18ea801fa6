import { captureTraces } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { describe, expect, onTestFinished, test } from 'vitest'

import { play, testClient } from '../../packages/langchain/test/play.ts'
import { loadSet, setName } from './frameworks.ts'
import { asking, collect, LLM, replying } from './scenarios/scenario.ts'

const set = await loadSet(setName)
const { AIMessage, HumanMessage } = set.messages
const { RunnableLambda } = set.runnables
const { tool } = set.tools

const hasAgents = setName !== 'core-0.3-langgraph-0.2' && setName !== 'core-0.3-langgraph-0.4'

describe('pictures that a tool answers with', () => {
  const data = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64')
  const blob = { type: 'blob', mime_type: 'image/png', bytes: 3000 }
  const cases = [
    {
      form: 'an address with the content',
      content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data(3000)}` } }],
      shown: [blob],
    },
    {
      form: 'text and picture',
      content: [
        { type: 'text', text: 'Here it is.' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data(3000)}` } },
      ],
      shown: [{ type: 'text', content: 'Here it is.' }, blob],
    },
    {
      form: 'a block of version 1',
      content: [{ type: 'image', mimeType: 'image/png', data: data(3000) }],
      shown: [blob],
    },
    {
      form: 'a block of version 0.3',
      content: [{ type: 'image', source_type: 'base64', mime_type: 'image/png', data: data(3000) }],
      shown: [blob],
    },
    {
      form: 'a block of Anthropic',
      content: [
        {
          type: 'image',
          source: { type: 'base64', media_type: 'image/png', data: data(3000) },
        },
      ],
      shown: [blob],
    },
    {
      form: 'a block of Google',
      content: [{ type: 'inlineData', inlineData: { mimeType: 'image/png', data: data(3000) } }],
      shown: [blob],
    },
    {
      form: 'the address of a picture, of Google',
      content: [
        { type: 'text', text: 'Here it is.' },
        { type: 'fileData', fileData: { mimeType: 'image/png', fileUri: 'https://x.example/y' } },
      ],
      shown: [
        { type: 'text', content: 'Here it is.' },
        { type: 'uri', mime_type: 'image/png', uri: 'https://x.example/y' },
      ],
    },
    {
      form: 'a picture of 3 MB',
      content: [
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data(3_000_000)}` } },
      ],
      shown: [{ ...blob, bytes: 3_000_000 }],
    },
  ]

  test.each(cases)('$form, in the span of the tool', async ({ content, shown }) => {
    const camera = tool(() => content, {
      name: 'camera',
      description: 'Takes a picture',
      schema: set.z.object({}),
    })
    const call = { id: 'c1', name: 'camera', args: {}, type: 'tool_call' as const }
    const { trace } = await play(({ callbacks }) => camera.invoke(call, { callbacks }))
    expect(trace.spans).toMatchObject([{ name: 'camera', output: shown }])
    expect(trace.output).toEqual(shown)
  })

  test.each(cases)('$form, without the call of a model', async ({ content }) => {
    const camera = tool(() => content, {
      name: 'camera',
      description: 'Takes a picture',
      schema: set.z.object({}),
    })
    const { trace } = await play(({ callbacks }) => camera.invoke({}, { callbacks }))
    const text = JSON.stringify(trace)
    expect(text.length).toBeLessThan(3000)
    expect(text).toMatch(/"bytes":30{3}(?:0{3})?\b|x\.example/)
  })

  test.each(cases)('$form, in what the model sees of it', async ({ content, shown }) => {
    const camera = tool(() => content, {
      name: 'camera',
      description: 'Takes a picture',
      schema: set.z.object({}),
    })
    const model = replying(set, asking('c1', 'camera'), { text: 'A cat.' })
    const { trace } = await play(({ callbacks }) =>
      set.prebuilt
        .createReactAgent({ llm: model, tools: [camera] })
        .invoke({ messages: [{ role: 'user', content: 'What is it?' }] }, { callbacks }),
    )
    expect(trace.spans[1]).toMatchObject({ name: 'camera', output: shown })
    expect(trace.spans[2]?.input).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: shown }] },
    ])
    expect(JSON.stringify(trace).length).toBeLessThan(10_000)
  })

  test.each(cases)('$form, as the answer of the turn', async ({ content, shown }) => {
    const camera = tool(() => content, {
      name: 'camera',
      description: 'Takes a picture',
      schema: set.z.object({}),
      returnDirect: true,
    })
    const model = replying(set, asking('c1', 'camera'))
    const { trace } = await play(({ callbacks }) =>
      set.prebuilt
        .createReactAgent({ llm: model, tools: [camera] })
        .invoke({ messages: [{ role: 'user', content: 'What is it?' }] }, { callbacks }),
    )
    expect(trace.output).toEqual(shown)
  })
})

describe('objects that LangChain writes as {"lc":1}', () => {
  const answer = { role: 'assistant', parts: [{ type: 'text', content: 'Sunny.' }] }

  test('are messages in the input and output of a chain, at any depth', async () => {
    const chain = RunnableLambda.from(({ question }: { question: object }) => ({
      raw: new AIMessage('Sunny.'),
      deep: [{ again: [new AIMessage('Sunny.')] }],
      parsed: { city: 'Rome' },
      kind: typeof question,
    }))
    const { trace } = await play(({ callbacks }) =>
      chain.invoke({ question: new HumanMessage('Weather?') }, { callbacks, runName: 'ask' }),
    )
    expect(trace.input).toEqual({
      question: { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
    })
    expect(trace.output).toEqual({
      raw: answer,
      deep: [{ again: [answer] }],
      parsed: { city: 'Rome' },
      kind: 'object',
    })
  })

  test('are messages in the output of a tool', async () => {
    const weather = tool(() => ({ last: new AIMessage('Sunny.') }), {
      name: 'weather',
      description: 'The weather',
      schema: set.z.object({}),
    })
    const { trace } = await play(({ callbacks }) => weather.invoke({}, { callbacks }))
    expect(trace.spans).toMatchObject([{ output: { last: answer } }])
  })

  test('are messages and texts where they are prompts, and names otherwise', async () => {
    const { ChatPromptTemplate, PromptTemplate } = set.prompts
    const chat = ChatPromptTemplate.fromMessages([['user', 'Weather of {city}?']])
    const text = PromptTemplate.fromTemplate('Weather of {city}?')
    const chain = RunnableLambda.from(async (city: string) => ({
      chat: await chat.invoke({ city }),
      text: await text.invoke({ city }),
      template: text,
    }))
    const { trace } = await play(({ callbacks }) =>
      chain.invoke('Rome', { callbacks, runName: 'prompts' }),
    )
    expect(trace.output).toEqual({
      chat: [{ role: 'user', parts: [{ type: 'text', content: 'Weather of Rome?' }] }],
      text: 'Weather of Rome?',
      template: '[PromptTemplate]',
    })
  })

  test('are messages in the state of a graph, in its events and where it waits', async () => {
    const { Annotation, StateGraph, START, MemorySaver, interrupt } = set.graph
    const State = Annotation.Root({ last: Annotation<object>, city: Annotation<string> })
    const graph = new StateGraph(State)
      .addNode('ask', async (_state, config) => {
        await set.dispatch.dispatchCustomEvent('asked', { last: new AIMessage('Sunny.') }, config)
        return { last: interrupt({ draft: new AIMessage('Sunny.') }) }
      })
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver(), name: 'weather' })
    const { trace } = await play(({ callbacks }) =>
      graph.invoke(
        { last: new AIMessage('Sunny.'), city: 'Rome' },
        { callbacks, configurable: { thread_id: 'T' } },
      ),
    )
    expect(trace.status).toBe('interrupted')
    const text = JSON.stringify(trace)
    expect(text).not.toContain('"lc":1')
    expect(text).toContain(`"draft":${JSON.stringify(answer)}`)
  })
})

describe('the name of a call of a model', () => {
  const model = (): InstanceType<typeof set.Model> => replying(set, { text: 'Hi there.' })

  test.each([
    ['invoke', model().withConfig({ runName: 'title-writer' }), undefined],
    ['invoke', model(), 'title-writer'],
    ['stream', model(), 'title-writer'],
    ['stream', new set.testing.FakeListChatModel({ responses: ['Hi.'] }), 'title-writer'],
  ] as const)('names its trace: %s %#', async (how, runnable, runName) => {
    const { trace } = await play(async ({ callbacks }) => {
      const config = { callbacks, ...(runName === undefined ? {} : { runName }) }
      return how === 'stream'
        ? await collect(await runnable.stream('hello', config))
        : await runnable.invoke('hello', config)
    })
    expect(trace.name).toBe('title-writer')
    expect(trace.spans).toHaveLength(1)
    expect(trace.spans[0]?.name).toMatch(/^chat/)
  })

  test('is not that of the trace around it, nor stronger than that of the session', async () => {
    const played = await play(async ({ callbacks, client }) => {
      const named = { callbacks, runName: 'title-writer' }
      await RunnableLambda.from(() => model().invoke('hello', { runName: 'inner' })).invoke(
        'hello',
        { callbacks, runName: 'outer' },
      )
      await client.trace('mine', () => model().invoke('hello', named))
      await client.withSession({ traceName: 'session' }, () => model().invoke('hello', named))
    })
    expect(played.traces.map(({ name }) => name)).toEqual(['outer', 'mine', 'session'])
    expect(played.trees[1]).toBe(`mine · ok · 20 in, 5 out\n└─ ${LLM}`)
  })
})

test('the text of a cause is not repeated', async () => {
  const failure = new Error('quota exceeded')
  const wrapped = new Error('quota exceeded', { cause: failure })
  const { tree } = await play(({ callbacks }) =>
    RunnableLambda.from(() => {
      throw wrapped
    }).invoke('hello', { callbacks, runName: 'ask' }),
  )
  expect(tree).toBe('ask · error (Error: quota exceeded)')
})

test.each(hasAgents ? [setName] : [])(
  'the text of a cause is not repeated where middleware wraps it',
  async () => {
    const client = testClient()
    const capture = captureTraces({ client })
    onTestFinished(() => capture.stop())
    const { createAgent, createMiddleware } = set.langchain
    const agent = createAgent({
      model: replying(set, { error: new Error('quota exceeded') }),
      tools: [],
      middleware: [
        createMiddleware({ name: 'passing', wrapModelCall: (request, next) => next(request) }),
      ],
    })
    await expect(
      agent.invoke(
        { messages: [{ role: 'user', content: 'Hi.' }] },
        { callbacks: [new TruLayerCallbackHandler({ client })] },
      ),
    ).rejects.toThrow('quota exceeded')
    const { error } = await capture.last()
    // Version 1.0 puts the name of the middleware in front.
    expect(error).toMatch(/^Error: (?:Error in middleware "passing": )?quota exceeded$/)
  },
)
