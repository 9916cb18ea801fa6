import { createRequire } from 'node:module'
import { join } from 'node:path'

import { init, TruLayer } from '@trulayer/core'
import { captureTraces, clearTraces, lastTrace, spanTree } from '@trulayer/core/testing'
import { instrumentAISDK } from '@trulayer/ai-sdk'
import * as copy from '@trulayer/llamaindex'
import * as ai from 'ai'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'

import { scriptedModel } from '../support/ai-sdk-scripted-model.ts'
import { startIngestServer } from '../support/ingest-server.ts'
import {
  createScriptedEmbedding,
  createScriptedModel,
  type ModelFoundation,
} from '../support/llamaindex-scripted-model.ts'
import { startProviderServer } from '../support/provider-server.ts'
import { loadSet, type Model, setName, type VersionSet } from './frameworks.ts'
import { drain } from './play.ts'

const { instrumentLlamaIndex, trulayerTraceId } = copy
const set = await loadSet(setName)
const { Settings } = set
const query = 'Paris?'
const LLM = 'llm chat gpt-4o-mini · ok · 10 in, 5 out'
const QUERY = `query · ok · 10 in, 5 out\n├─ retrieval retrieve · ok\n└─ ${LLM}`

function record() {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  const trees = async (): Promise<string[]> => {
    await client.flush()
    return capture.traces.map(spanTree)
  }
  return { client, capture, trees }
}

const model = (text = 'It is Paris', foundation: ModelFoundation = set): Model =>
  createScriptedModel(foundation, { script: [{ text }] }) as Model

const anyTool = set.tool({
  name: 'any',
  description: 'any',
  parameters: set.z.object({ city: set.z.string() }),
  execute: () => 'done',
})

async function engine(llm: object = model()) {
  Settings.embedModel = createScriptedEmbedding(set.BaseEmbedding)
  Settings.llm = llm
  const index = await set.VectorStoreIndex.fromDocuments([
    new set.Document({ text: 'Paris is the capital.' }),
  ])
  return index.asQueryEngine()
}

function instrument(...parameters: Parameters<typeof instrumentLlamaIndex>) {
  const tl = instrumentLlamaIndex(...parameters)
  onTestFinished(() => tl.off())
  return tl
}

describe(`instrumentLlamaIndex on ${setName}`, () => {
  test('records nothing after off(), and leaves the settings and their manager as they were', async () => {
    const { client, trees } = record()
    const manager = Settings.callbackManager
    const before = [Reflect.ownKeys(manager), Reflect.ownKeys(Settings)]
    const tl = instrumentLlamaIndex(Settings, { client })
    const llm = tl.llm(model())
    const asked = await engine(llm)
    tl.off()
    expect([Reflect.ownKeys(manager), Reflect.ownKeys(Settings)]).toEqual(before)
    await asked.query({ query })
    await llm.chat({ messages: [{ role: 'user', content: 'Hi' }] })
    expect(await tl.run({ name: 'turn' }, () => 'done')).toBe('done')
    expect(await trees()).toEqual([])
  })

  test('records once where it is installed twice, by whichever is on', async () => {
    const { client, capture, trees } = record()
    const one = instrument(Settings, { client })
    const other = instrument(Settings, { client })
    const llm = other.llm(one.llm(model()))
    await (await engine(llm)).query({ query })
    expect(await trees()).toEqual([QUERY])
    one.off()
    capture.clear()
    // Wrapped by both, recorded by the one that is left; by nobody when that is off too.
    await (await engine(llm)).query({ query })
    expect(await trees()).toEqual([QUERY])
    other.off()
    capture.clear()
    await (await engine(llm)).query({ query })
    expect(await trees()).toEqual([])
    const later = instrument(Settings, { client })
    await (await engine(later.llm(llm))).query({ query })
    expect(await trees()).toEqual([QUERY])
  })

  test('hears a manager of a scope after another installation is off', async () => {
    const { client, trees } = record()
    const one = instrument(Settings, { client: new TruLayer({ mode: 'off' }) })
    const manager = new set.CallbackManager()
    const asked = await engine()
    await Settings.withCallbackManager(manager, () => asked.query({ query }))
    one.off()
    instrument(Settings, { client })
    await Settings.withCallbackManager(manager, () => asked.query({ query }))
    expect(await trees()).toEqual([QUERY])
  })

  test('a turn ends with the client that it began with', async () => {
    const one = init({ mode: 'local', projectName: 'one' })
    clearTraces()
    const tl = instrument(Settings)
    let open: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const llm = tl.llm(createScriptedModel(set, { script: [{ gate, text: 'late' }] }) as Model)
    const asked = llm.chat({ messages: [{ role: 'user', content: 'Hi' }] })
    const other = init({ mode: 'local', projectName: 'other' })
    open?.()
    await asked
    expect(spanTree(await lastTrace({ client: one }))).toContain(LLM)
    await other.shutdown()
  })

  test('records what the ES modules and the CommonJS copy of LlamaIndex do together, as one trace', async () => {
    const require = createRequire(join(import.meta.dirname, setName, 'frameworks.js'))
    const foundation = {
      ...(require('@llamaindex/core/decorator') as Pick<VersionSet, 'wrapLLMEvent'>),
      ...(require('@llamaindex/core/global') as Pick<VersionSet, 'withEventCaller' | 'Settings'>),
      ...(require('@llamaindex/core/llms') as Pick<VersionSet, 'ToolCallLLM'>),
    }
    expect(foundation.Settings.callbackManager).not.toBe(Settings.callbackManager)
    const { client, capture, trees } = record()
    instrument([Settings, foundation.Settings], { client })
    const asked = await engine(model('It is Paris', foundation))
    await Promise.all([asked.query({ query }), asked.query({ query })])
    expect(await trees()).toEqual([QUERY, QUERY])
    capture.clear()
    await drain(await asked.query({ query, stream: true }))
    expect(await trees()).toEqual([QUERY])
  })

  test('tells the trace of a result', async () => {
    const { client, capture } = record()
    const tl = instrument(Settings, { client })
    const asked = await engine()
    const ids: (string | undefined)[] = []
    const events: unknown[] = []
    const note = ({ detail }: { readonly detail: unknown }): void => {
      events.push(Reflect.get(Object(detail), 'id'))
    }
    Settings.callbackManager.on('query-start', note)
    ids.push(trulayerTraceId(await asked.query({ query })))
    Settings.callbackManager.off('query-start', note)
    const stream = await asked.query({ query, stream: true })
    ids.push(trulayerTraceId(stream))
    await drain(stream)
    const agent = tl.agent(set.agent({ llm: tl.llm(model()), tools: [anyTool] }))
    const run = agent.run('Hi')
    const told = trulayerTraceId(run)
    ids.push(trulayerTraceId(await run) ?? told)
    const chat = new set.SimpleChatEngine({ llm: tl.llm(model()) })
    ids.push(trulayerTraceId(await tl.agent(chat).chat({ message: query })))
    await client.flush()
    expect(ids).toEqual(capture.traces.map(({ id }) => id))
    expect(trulayerTraceId(events[0], { client })).toBe(ids[0])
    expect(trulayerTraceId({})).toBeUndefined()
    expect(trulayerTraceId('unknown', { client })).toBeUndefined()
  })

  test('says what it cannot record, once, and changes nothing of it', async () => {
    const warn = vi.fn()
    const logger = { debug: vi.fn(), warn, error: vi.fn() }
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false, logger })
    const faults = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => faults.mockRestore())
    const missing = Reflect.get({}, 'Settings') as typeof Settings
    const tl = instrument([missing, { callbackManager: {} }], { client })
    expect(faults).not.toHaveBeenCalled()
    const stranger = Object.freeze({ answer: () => 42 })
    expect(tl.llm(stranger)).toBe(stranger)
    expect(tl.agent(stranger)).toBe(stranger)
    expect(tl.embedding(stranger)).toBe(stranger)
    expect(tl.llm(stranger)).toBe(stranger)
    const lines = warn.mock.calls.map(([line]) => String(line))
    expect(lines).toHaveLength(4)
    expect(lines[0]).toContain('callbackManager')
    const frozen = Object.freeze({ chat: () => 'hi', metadata: { model: 'm' } })
    expect(tl.llm(frozen).chat()).toBe('hi')
    await client.shutdown()
  })

  test('a turn hands on what its work returns and throws, the very same', async () => {
    const { client, trees } = record()
    const tl = instrument(Settings, { client })
    const error = new TypeError('no')
    const answer = { response: 'yes' }
    await expect(tl.run({}, () => Promise.reject(error))).rejects.toBe(error)
    expect(await tl.run({}, () => answer)).toBe(answer)
    expect(await trees()).toEqual(['workflow · error (TypeError: no)', 'workflow · ok'])
  })

  test('one failure of several in a turn does not blame the others', async () => {
    const { client, trees } = record()
    const tl = instrument(Settings, { client })
    const never = createScriptedModel(set, { script: [{ gate: new Promise(() => {}) }] }) as Model
    const failing = createScriptedModel(set, { script: [{ error: new TypeError('401') }] }) as Model
    const messages = [{ role: 'user', content: 'Hi' }]
    const both = tl.run({ name: 'both' }, () =>
      Promise.all([never.chat({ messages }), tl.llm(failing).chat({ messages })]),
    )
    await expect(both).rejects.toThrow('401')
    expect(await trees()).toEqual([
      'both · error (TypeError: 401)\n├─ llm chat gpt-4o-mini · incomplete\n└─ llm chat gpt-4o-mini · error (TypeError: 401)',
    ])
  })

  test('what it sends is what the contract asks for', async () => {
    await using server = await startIngestServer()
    const client = new TruLayer({
      apiKey: 'tl_test',
      endpoint: server.url,
      exitHooks: false,
      projectName: 'llamaindex',
    })
    const tl = instrument(Settings, { client })
    const asked = await engine(tl.llm(model()))
    await tl.run({ sessionId: 'S', tags: ['plan:pro'] }, () => asked.query({ query }))
    const { delivered } = await client.flush()
    expect(delivered).toBe(1)
    expect(server.refused).toEqual([])
    expect(server.traces[0]).toMatchObject({
      name: 'workflow',
      session_id: 'S',
      input: query,
      output: 'It is Paris',
      spans: [{ type: 'retrieval' }, { type: 'llm', prompt_tokens: 10, completion_tokens: 5 }],
    })
    await client.shutdown()
  })
})

/* The package once more, as the CommonJS build or a second installed version would be; core likewise. */
async function otherCopy(): Promise<typeof copy> {
  vi.resetModules()
  const other = await import('@trulayer/llamaindex')
  expect(other.instrumentLlamaIndex).not.toBe(copy.instrumentLlamaIndex)
  return other
}

describe(`two copies of the package on ${setName}`, () => {
  const script = [
    { tools: [{ id: 'c1', name: 'any', args: { city: 'Paris' } }] },
    { text: 'It is Paris' },
  ]
  const AGENT = `support · ok · 20 in, 10 out\n├─ ${LLM}\n├─ tool any · ok\n└─ ${LLM}`

  test.each(['one', 'other'] as const)(
    'record a query and an agent once where %s copy is installed first',
    async (first) => {
      const { client, capture, trees } = record()
      const other = await otherCopy()
      const copies = first === 'one' ? [copy, other] : [other, copy]
      const manager = Settings.callbackManager
      const before = [Reflect.ownKeys(manager), Reflect.ownKeys(Settings)]
      const installed = copies.map((each) => each.instrumentLlamaIndex(Settings, { client }))
      installed.forEach((tl) => onTestFinished(() => tl.off()))
      const llm = installed.reduce((wrapped, tl) => tl.llm(wrapped), model())
      const asked = await engine(llm)
      const scripted = createScriptedModel(set, { script })
      const agent = installed.reduce(
        (wrapped, tl) => tl.agent(wrapped),
        set.agent({
          name: 'support',
          llm: installed.reduce((wrapped, tl) => tl.llm(wrapped), scripted),
          tools: [anyTool],
        }),
      )
      await asked.query({ query })
      await agent.run('Paris?')
      expect(await trees()).toEqual([QUERY, AGENT])
      // The one that is left goes on; none is left after that.
      installed[0]?.off()
      capture.clear()
      await asked.query({ query })
      expect(await trees()).toEqual([QUERY])
      installed[1]?.off()
      capture.clear()
      expect([Reflect.ownKeys(manager), Reflect.ownKeys(Settings)]).toEqual(before)
      await asked.query({ query })
      expect(await trees()).toEqual([])
    },
  )

  test('record a query once where one wraps the model and the other listens', async () => {
    const { client, trees } = record()
    const other = await otherCopy()
    const listening = other.instrumentLlamaIndex(Settings, { client })
    onTestFinished(() => listening.off())
    const tl = instrument(Settings, { client })
    const asked = await engine(tl.llm(model()))
    await asked.query({ query })
    for await (const _ of await asked.query({ query, stream: true })) {
      // Read to the end.
    }
    expect(await trees()).toEqual([QUERY, QUERY])
  })
})

describe(`other frameworks on ${setName}`, () => {
  test('calls of them hang under the tool or the trace that they are in, and calls of LlamaIndex too', async () => {
    const { client, trees } = record()
    const tl = instrument(Settings, { client })
    const { generateText } = instrumentAISDK(ai, { client })
    const asked = await engine(tl.llm(model()))
    const tool = set.tool({
      name: 'write',
      description: 'writes',
      parameters: set.z.object({ city: set.z.string() }),
      execute: async () => {
        const written = await generateText({ model: scriptedModel([{ text: 'ok' }]), prompt: 'Hi' })
        await asked.query({ query })
        return written.text
      },
    })
    const script = [
      { tools: [{ id: 'c1', name: 'write', args: { city: 'Paris' } }] },
      { text: 'Done.' },
    ]
    const llm = (): object => tl.llm(createScriptedModel(set, { script }))
    await tl.agent(set.agent({ name: 'support', llm: llm(), tools: [tool] })).run('Write.')
    await new set.LLMAgent({ llm: llm(), tools: [tool] }).chat({ message: 'Write.' })
    expect(await trees()).toEqual(
      ['support', 'agent'].map(
        (name) => `\
${name} · ok · 50 in, 20 out
├─ ${LLM}
├─ tool write · ok
│  ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
│  ├─ retrieval retrieve · ok
│  └─ ${LLM}
└─ ${LLM}`,
      ),
    )
  })

  test('a query in a tool of the AI SDK hangs under that', async () => {
    const { client, trees } = record()
    const tl = instrument(Settings, { client })
    const { generateText } = instrumentAISDK(ai, { client })
    const asked = await engine(tl.llm(model()))
    const search = ai.tool({
      inputSchema: z.object({}),
      execute: async () => (await asked.query({ query })).message?.content,
    })
    const script = [{ toolCalls: [{ id: 'c1', name: 'search', input: {} }] }, { text: 'Done.' }]
    await generateText({
      model: scriptedModel(script),
      tools: { search },
      stopWhen: ai.isStepCount(2),
      prompt: 'Where?',
    })
    expect(await trees()).toEqual([
      `\
generateText · ok · 50 in, 15 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool search · ok
│  ├─ retrieval retrieve · ok
│  └─ ${LLM}
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`,
    ])
  })
})

describe(`a real provider on ${setName}`, () => {
  const reply = { text: 'It is Paris.', tokens: { fresh: 40, cacheRead: 60, answer: 7 } }

  test.each([false, true])('answers, streamed: %s', async (stream) => {
    await using provider = await startProviderServer([reply])
    const { client, capture } = record()
    instrument(Settings, { client })
    const llm = new set.OpenAI({
      model: 'gpt-4o-mini',
      apiKey: 'key',
      maxRetries: 0,
      additionalSessionOptions: { baseURL: provider.baseUrl },
      additionalChatOptions: stream ? { stream_options: { include_usage: true } } : {},
    })
    const asked = await engine(llm)
    if (stream) {
      await drain(await asked.query({ query, stream }))
    } else {
      await asked.query({ query })
    }
    await client.flush()
    const [trace] = capture.traces
    expect(provider.billed).toHaveLength(1)
    expect(trace?.output).toBe('It is Paris.')
    expect(trace?.spans[1]).toMatchObject({
      name: 'chat gpt-4o-mini',
      output: [{ role: 'assistant', parts: [{ type: 'text', content: 'It is Paris.' }] }],
      usage: { promptTokens: 100, completionTokens: 7, cachedTokens: 60 },
    })
  })

  test('refuses, which the wrapped model tells', async () => {
    await using provider = await startProviderServer([{ status: 401, message: 'bad key' }])
    const { client, trees } = record()
    const tl = instrument(Settings, { client })
    const llm = new set.OpenAI({
      model: 'gpt-4o-mini',
      apiKey: 'key',
      maxRetries: 0,
      additionalSessionOptions: { baseURL: provider.baseUrl },
    })
    const asked = await engine(tl.llm(llm))
    await expect(asked.query({ query })).rejects.toThrow('bad key')
    expect((await trees())[0]).toMatch(
      /^query · error \(.*bad key\)\n├─ retrieval retrieve · ok\n└─ llm chat gpt-4o-mini · error \(.*bad key\)$/,
    )
  })
})
