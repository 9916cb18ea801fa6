/*
 * A program that has `@langchain/core` alone, and prints what it sees of calls inside calls. Arguments: the version set, and how
 * it is recorded: `none`, `handler`, `instrument`, or `undone`.
 */
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'

const [set, way] = process.argv.slice(2)
const require = createRequire(new URL(`../${set}/frameworks.js`, import.meta.url))
const { RunnableLambda } = require('@langchain/core/runnables')
const { tool } = require('@langchain/core/tools')
const { FakeListChatModel } = require('@langchain/core/utils/testing')
const manager = require('@langchain/core/callbacks/manager')
const { z } = require('zod')

const SLOT = Symbol.for('ls:tracing_async_local_storage')
const globals = Reflect.ownKeys(globalThis)
const seen = {}

const callbacks = []
let undo = () => {}
if (way !== 'none') {
  const { instrumentLangChain, TruLayerCallbackHandler } = await import('@trulayer/langchain')
  if (way === 'handler') {
    callbacks.push(new TruLayerCallbackHandler())
  } else {
    undo = instrumentLangChain(manager)
  }
}
if (way === 'undone') {
  undo()
}
const slots = [SLOT in globalThis]

const inner = RunnableLambda.from((_, config) => ({
  tags: config?.tags,
  configurable: config?.configurable,
  metadata: config?.metadata,
  hasSignal: config?.signal !== undefined,
}))
const heard = []
const host = {
  name: 'host',
  awaitHandlers: true,
  handleChainStart: (...event) => void heard.push(event[3] === undefined ? 'root' : 'child'),
  handleChatModelStart: () => void heard.push('model'),
  handleToolStart: () => void heard.push('tool'),
}
const config = {
  tags: ['mine'],
  configurable: { tenant: 'a' },
  metadata: { key: 1 },
  callbacks: [host, ...callbacks],
  signal: new AbortController().signal,
}
seen.inLambda = await RunnableLambda.from(() => inner.invoke({})).invoke({}, config)
const fields = { name: 'outer', description: 'Calls another', schema: z.object({}) }
await tool(async () => {
  seen.inTool = await inner.invoke({})
  return 'done'
}, fields).invoke({}, config)
slots.push(SLOT in globalThis)

const model = new FakeListChatModel({ responses: ['hey'] })
const ask = RunnableLambda.from(async () => (await model.invoke('hi')).content)
await ask.invoke('x', config)
seen.heard = heard
seen.events = []
for await (const { event } of ask.streamEvents('x', { version: 'v2', callbacks })) {
  seen.events.push(event)
}

const slow = RunnableLambda.from(async () => {
  await wait(50)
  return 'saved'
})
const work = RunnableLambda.from(async () => {
  await wait(20)
  seen.cleanUp = await slow.invoke({}).catch(({ message }) => message)
})
const controller = new AbortController()
setTimeout(() => controller.abort(), 10)
await work.invoke({}, { signal: controller.signal, callbacks }).catch(() => {})
await wait(150)

undo()
slots.push(SLOT in globalThis)
seen.slots = slots
// What copies of our packages share is under one key of their own.
seen.globals = Reflect.ownKeys(globalThis)
  .filter((key) => !globals.includes(key) && !String(key).includes('trulayer'))
  .map(String)
process.stdout.write(JSON.stringify(seen))
