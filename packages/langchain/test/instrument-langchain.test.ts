import * as manager from '@langchain/core/callbacks/manager'
import type { RunnableConfig } from '@langchain/core/runnables'
import { RunnableLambda } from '@langchain/core/runnables'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { instrumentLangChain, TruLayerCallbackHandler } from '../src/index.ts'
import { captureOf, testClient } from './play.ts'

const { CallbackManager } = manager
const original = Reflect.get(CallbackManager, '_configureSync')

const echo = RunnableLambda.from((text: string) => text).withConfig({ runName: 'echo' })

function loggingClient(): { client: TruLayer; warnings: string[] } {
  const warnings: string[] = []
  const logger = { warn: (line: string) => warnings.push(line), error: () => {} }
  return { client: new TruLayer({ apiKey: 'tl_test', exitHooks: false, logger }), warnings }
}

test('what is undone is as it was, and records nothing more', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const undo = instrumentLangChain(manager, { client })
  expect(Reflect.get(CallbackManager, '_configureSync')).not.toBe(original)
  await echo.invoke('a')
  undo()
  undo()
  expect(Reflect.get(CallbackManager, '_configureSync')).toBe(original)
  await echo.invoke('b')
  await capture.last()
  expect(capture.traces.map(({ input }) => input)).toEqual(['a'])
})

test('installed twice it records once, until both are undone', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const first = instrumentLangChain([manager, { default: manager }], { client })
  const second = instrumentLangChain(manager, { client })
  await echo.invoke('a')
  first()
  await echo.invoke('b')
  second()
  await echo.invoke('c')
  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual(['echo · ok', 'echo · ok'])
  expect(Reflect.get(CallbackManager, '_configureSync')).toBe(original)
})

test('a mocked module, which throws for what it lacks, is read as far as it goes', async () => {
  const { client, warnings } = loggingClient()
  const capture = captureOf(client)
  const mocked = (exports: object): object =>
    new Proxy(exports, {
      get: (target, key) => {
        if (key in target) {
          return Reflect.get(target, key)
        }
        throw new Error(`no export ${String(key)}`)
      },
    })
  onTestFinished(instrumentLangChain(mocked({ CallbackManager }), { client }))
  await echo.invoke('hi')
  expect(spanTree(await capture.last())).toBe('echo · ok')
  expect(warnings).toEqual([])
  instrumentLangChain(mocked({}), { client })()
  expect(warnings).toEqual([expect.stringContaining('@langchain/core/callbacks/manager')])
})

test('beside a handler of one’s own it records once, and changes no list and no manager', async () => {
  const client = testClient()
  const capture = captureOf(client)
  onTestFinished(instrumentLangChain(manager, { client }))
  const callbacks: NonNullable<RunnableConfig['callbacks']> = [
    new TruLayerCallbackHandler({ client }),
  ]
  await echo.invoke('a', { callbacks })
  const others: NonNullable<RunnableConfig['callbacks']> = [{ handleChainEnd() {} }]
  await echo.invoke('b', { callbacks: others })
  const own = new CallbackManager()
  await echo.invoke('c', { callbacks: own })
  await capture.last()
  expect(capture.traces.map(({ input }) => input)).toEqual(['a', 'b', 'c'])
  expect([callbacks.length, others.length, own.handlers.length]).toEqual([1, 1, 0])
})

test('a handler on a model alone does not hide what is around the model', async () => {
  const client = testClient()
  const capture = captureOf(client)
  onTestFinished(instrumentLangChain(manager, { client }))
  const callbacks = [new TruLayerCallbackHandler({ client })]
  const model = new ScriptedChatModel({ script: [{ text: 'Hi.' }], callbacks })
  await new StateGraph(MessagesAnnotation)
    .addNode('answer', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge(START, 'answer')
    .compile({ name: 'desk' })
    .invoke({ messages: [{ role: 'user', content: 'Hello' }] })
  expect(spanTree(await capture.last())).toBe(`\
desk · ok · 20 in, 5 out
└─ other answer · ok
   └─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
})

test('what somebody else has put around it stays', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const undo = instrumentLangChain(manager, { client })
  const ours: unknown = Reflect.get(CallbackManager, '_configureSync')
  onTestFinished(() => {
    Reflect.set(CallbackManager, '_configureSync', original)
  })
  let calls = 0
  const theirs = function configureSync(this: unknown, ...args: unknown[]): unknown {
    calls += 1
    return typeof ours === 'function' ? Reflect.apply(ours, this, args) : undefined
  }
  Reflect.set(CallbackManager, '_configureSync', theirs)
  await echo.invoke('a')
  undo()
  expect(Reflect.get(CallbackManager, '_configureSync')).toBe(theirs)
  await echo.invoke('b')
  await capture.last()
  expect(capture.traces.map(({ input }) => input)).toEqual(['a'])
  expect(calls).toBeGreaterThan(1)
})

test('records again after another tracer has restored what it found before', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const theirs = function configureSync(this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(original, this, args)
  }
  Reflect.set(CallbackManager, '_configureSync', theirs)
  const undoFirst = instrumentLangChain(manager, { client })
  Reflect.set(CallbackManager, '_configureSync', original)
  const undoSecond = instrumentLangChain(manager, { client })
  await echo.invoke('a')
  undoFirst()
  await echo.invoke('b')
  undoSecond()
  expect(Reflect.get(CallbackManager, '_configureSync')).toBe(original)
  await echo.invoke('c')
  await capture.last()
  expect(capture.traces.map(({ input }) => input)).toEqual(['a', 'b'])
})

test('records once where it is installed again inside of another tracer', async () => {
  const client = testClient()
  const capture = captureOf(client)
  const undos = [instrumentLangChain(manager, { client })]
  const ours: unknown = Reflect.get(CallbackManager, '_configureSync')
  onTestFinished(() => {
    Reflect.set(CallbackManager, '_configureSync', original)
  })
  const theirs = function configureSync(this: unknown, ...args: unknown[]): unknown {
    return typeof ours === 'function' ? Reflect.apply(ours, this, args) : undefined
  }
  Reflect.set(CallbackManager, '_configureSync', theirs)
  undos.push(instrumentLangChain(manager, { client }))
  await echo.invoke('a')
  await capture.last()
  undos.forEach((undo) => undo())
  expect(Reflect.get(CallbackManager, '_configureSync')).toBe(theirs)
  await echo.invoke('b')
  expect(capture.traces.map(({ input }) => input)).toEqual(['a'])
})

test('a module without a manager is told of once', () => {
  const { client, warnings } = loggingClient()
  instrumentLangChain({}, { client })()
  instrumentLangChain([{ CallbackManager: 'none' }, {}], { client })()
  expect(warnings).toEqual([expect.stringContaining('@langchain/core/callbacks/manager')])
})

test('a mistake in the options is thrown', () => {
  // @ts-expect-error -- there is no such value
  expect(() => instrumentLangChain(manager, { nodes: 'some' })).toThrow(
    '`nodes` of instrumentLangChain() must be',
  )
})

test('a handler of another copy is told of once, and each run is recorded once', async () => {
  const { client, warnings } = loggingClient()
  const capture = captureOf(client)
  vi.resetModules()
  const copy = await import('../src/index.ts')
  const callbacks = [
    new TruLayerCallbackHandler({ client }),
    new copy.TruLayerCallbackHandler({ client }),
  ]
  await echo.invoke('a', { callbacks })
  await echo.invoke('b', { callbacks })
  await capture.last()
  expect(capture.traces.map(spanTree)).toEqual(['echo · ok', 'echo · ok'])
  expect(warnings).toEqual([expect.stringContaining('two copies of @trulayer/langchain')])
})
