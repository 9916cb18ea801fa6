import { AsyncLocalStorage } from 'node:async_hooks'

import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import type { FinishedTrace, TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerExporter, type TruLayerExporterOptions } from '@trulayer/mastra'
import * as ai from 'ai'
import * as mocks from 'ai/test'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { majorOf, type SDKSet } from '../ai-sdk/support/host.ts'
import { type Kit, kitOf } from '../ai-sdk/support/kit.ts'
import { collectingClient } from '../support/collecting-client.ts'
import { LegacyScriptedModel } from '../support/mastra-scripted-model.ts'
import { type AgentLike, loadSet, setName } from './frameworks.ts'
import { drain } from './play.ts'

const set = await loadSet(setName)
const { sdks } = (await import(`./${setName}/sdks.js`)) as { readonly sdks: readonly SDKSet[] }
const newestSDK: SDKSet = { name: '7.0.173', ai, mocks, z }
/* Models of version 4 are taken by the newest Mastra alone. */
const all = setName === 'newest' ? [...sdks, newestSDK] : sdks

const TURNS = 10
const CALL = { id: 'call_1', name: 'check', input: { question: 'again' } }
const SCRIPT = [
  { calls: [CALL], delay: 1 },
  { text: ['Sunny', '.'], delay: 1 },
]
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

/* The question of the turn that is running, for its tool. */
const asked = new AsyncLocalStorage<string>()

/* What the SDK is recorded with: the model of the agent, and how a tool asks that model by itself. */
interface Layer {
  readonly sdk: Kit['sdk']
  readonly model: object
  readonly options?: object
  /** How the tool's call is named where it is a trace of its own. */
  readonly own: string
}

const layers: Readonly<Record<string, (sdkSet: SDKSet, client: TruLayer) => Layer>> = {
  'the middleware': middlewareLayer,
  'instrumented functions and the middleware': (sdkSet, client) => {
    const { sdk, model } = kitOf(sdkSet, instrumentAISDK(sdkSet.ai, { client }))
    const middleware = trulayerMiddleware({ client })
    const wrapped = sdk.wrapLanguageModel({ model: model(SCRIPT), middleware })
    return { sdk, model: wrapped, own: 'generateText' }
  },
  telemetry: (sdkSet, client) => {
    const { sdk, model } = kitOf(sdkSet)
    const options = { experimental_telemetry: trulayerTelemetry({ client }) }
    return { sdk, model: model(SCRIPT), options, own: 'generateText' }
  },
  'registration and the middleware': (sdkSet, client) => {
    onTestFinished(registerTruLayer(sdkSet.ai, { client }))
    return { ...middlewareLayer(sdkSet, client), own: 'generateText' }
  },
}

/* Registration begins with version 7. */
const pairs = all.flatMap((sdkSet) =>
  Object.entries(layers)
    .filter(([name]) => majorOf(sdkSet) === 7 || !name.startsWith('registration'))
    .flatMap(([name, layer]) =>
      ['generated', 'streamed'].map((how) => ({ name, layer, how, sdkSet, version: sdkSet.name })),
    ),
)

/*
 * The agent's model and the SDK's below it are one call. What a tool asks the same model, with the same text, is another:
 * before 1.30 Mastra has no current span, so that it is a trace of its own.
 */
function expectedTrees({ own }: Layer, isLegacy: boolean): readonly string[] {
  if (isLegacy) {
    // Of models of version 1 Mastra reports the sum of all calls.
    const sum = LLM.replace('20 in, 5 out', '40 in, 10 out')
    return [
      `${own} · ok · 20 in, 5 out\n└─ ${LLM}`,
      `support · ok · 40 in, 10 out\n├─ ${sum}\n└─ tool check · ok`,
    ]
  }
  return set.getCurrentSpan === undefined
    ? [
        `${own} · ok · 20 in, 5 out\n└─ ${LLM}`,
        `support · ok · 40 in, 10 out\n├─ ${LLM}\n├─ tool check · ok\n└─ ${LLM}`,
      ]
    : [`support · ok · 60 in, 15 out\n├─ ${LLM}\n├─ tool check · ok\n│  └─ ${LLM}\n└─ ${LLM}`]
}

describe(`a model call that Mastra and the SDK both see is one span, on ${setName}`, () => {
  test.each(pairs)('$name of ai $version, $how', async ({ layer, how, sdkSet }) => {
    const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
    const bottom = layer(sdkSet, client)
    const agent = agentOn(bottom, client)
    const answers = await Promise.all(
      Array.from({ length: TURNS }, (_, turn) =>
        asked.run(`question ${turn}`, () =>
          ask(agent, { how, sdkSet, question: `question ${turn}` }),
        ),
      ),
    )
    await settled()
    expect(answers).toEqual(Array.from({ length: TURNS }, () => 'Sunny.'))
    expect(traces.map(spanTree).toSorted()).toEqual(
      expectedTrees(bottom, majorOf(sdkSet) === 4)
        .flatMap((tree) => Array.from({ length: TURNS }, () => tree))
        .toSorted(),
    )
    for (const trace of traces) {
      expect(new Set(questionsIn(trace))).toEqual(new Set([trace.input]))
    }
  })
})

test(`with all spans shown, a call is one span, on ${setName}`, async () => {
  const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
  const { model } = middlewareLayer(sdkOf(5), client)
  const agent = agentWith(model, { check: lookup() }, { client, nodes: 'all' })
  await agent.generate('hi')
  await settled()
  const calls = traces.flatMap(({ spans }) => spans).filter(({ type }) => type === 'llm')
  expect(calls.map(({ usage }) => usage?.promptTokens)).toEqual([20, 20])
})

test(`a generation of a model of version 1 is one span, on ${setName}`, async () => {
  const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
  const { wrapGenerate } = trulayerMiddleware({ client })
  const model = new LegacyScriptedModel([
    { tools: [{ id: 'call_1', name: 'check', args: { question: 'hi' } }], tokens: [20, 5] },
    { text: 'Sunny.', tokens: [20, 5] },
  ])
  const doGenerate = model.doGenerate.bind(model)
  // As `wrapLanguageModel` of version 4 does, which cannot be installed beside a newer zod.
  model.doGenerate = (params) =>
    wrapGenerate({ doGenerate: () => doGenerate(params), params, model })
  await agentWith(model, { check: lookup() }, { client }).generateLegacy('hi')
  await settled()
  expect(traces.map(spanTree)).toEqual([
    'support · ok · 40 in, 10 out\n├─ llm chat gpt-4o-mini · ok · 40 in, 10 out\n└─ tool check · ok',
  ])
})

function middlewareLayer(sdkSet: SDKSet, client: TruLayer): Layer {
  const { sdk, model } = kitOf(sdkSet)
  const middleware = trulayerMiddleware({ client })
  const wrapped = sdk.wrapLanguageModel({ model: model(SCRIPT), middleware })
  return { sdk, model: wrapped, own: 'chat gpt-4o-mini' }
}

function sdkOf(major: number): SDKSet {
  const found = sdks.find((sdkSet) => majorOf(sdkSet) === major)
  if (found === undefined) {
    throw new Error(`no SDK ${major}`)
  }
  return found
}

function lookup(): object {
  const { createTool, z: schemas } = set
  const inputSchema = schemas.object({ question: schemas.string() })
  return createTool({
    id: 'check',
    description: 'Checks',
    inputSchema,
    execute: async () => 'sunny',
  })
}

/* What its model calls were asked. */
function questionsIn({ spans }: FinishedTrace): readonly string[] {
  const inputs = spans.filter(({ type }) => type === 'llm').map(({ input }) => input)
  return JSON.stringify(inputs).match(/question \d/g) ?? []
}

interface Asked {
  readonly how: string
  readonly sdkSet: SDKSet
  readonly question: string
}

async function ask(
  agent: AgentLike,
  { how, sdkSet, question }: Asked,
): Promise<string | undefined> {
  const isLegacy = majorOf(sdkSet) === 4
  if (how === 'generated') {
    return (await (isLegacy ? agent.generateLegacy(question) : agent.generate(question))).text
  }
  if (isLegacy) {
    return readText((await agent.streamLegacy(question)).textStream)
  }
  const stream = await agent.stream(question)
  const [text] = await Promise.all([readText(stream.textStream), drain(stream)])
  return text
}

async function readText(stream: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of stream) {
    text += part
  }
  return text
}

function agentOn({ sdk, model, options }: Layer, client: TruLayer): AgentLike {
  const { createTool } = set
  const check = createTool({
    id: 'check',
    description: 'Checks',
    inputSchema: set.z.object({ question: set.z.string() }),
    // The same question, which has an answer already, so that the model asks for no tool.
    execute: async () => {
      const messages = [
        { role: 'user', content: asked.getStore() },
        { role: 'assistant', content: 'Let me see.' },
      ]
      return (await sdk.generateText({ model, messages, ...options })).text
    },
  })
  return agentWith(model, { check }, { client })
}

function agentWith(model: object, tools: object, options: TruLayerExporterOptions): AgentLike {
  const { Agent, getCurrentSpan, Mastra, Observability } = set
  const support = new Agent({ id: 'support', name: 'support', instructions: '', model, tools })
  set.clearAITracingRegistry?.()
  const exporters = [new TruLayerExporter({ getCurrentSpan, ...options })]
  const configs = { default: { serviceName: 'test', exporters } }
  return new Mastra({
    logger: false,
    agents: { support },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  }).getAgent('support')
}
