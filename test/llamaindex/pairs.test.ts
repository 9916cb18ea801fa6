import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { instrumentLlamaIndex, type LlamaIndexInstrumentation } from '@trulayer/llamaindex'
import * as ai from 'ai'
import { describe, expect, onTestFinished, test } from 'vitest'

import { scriptedModel } from '../support/ai-sdk-scripted-model.ts'
import { collectingClient } from '../support/collecting-client.ts'
import { type Answer, loadSet, type Model, setName } from './frameworks.ts'
import { drain } from './play.ts'

const set = await loadSet(setName)
const TURNS = 10
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
/* The model of LlamaIndex and the SDK's below it are one call. What a tool asks by itself is another. */
const TREE = `turn · ok · 40 in, 10 out\n├─ ${LLM}\n└─ tool check · ok\n   └─ ${LLM}`

type TextOptions = Parameters<typeof ai.generateText>[0]

/* The SDK with one way to record it. */
interface Layer {
  readonly sdk: Pick<typeof ai, 'generateText' | 'streamText'>
  readonly options: Pick<TextOptions, 'model' | 'telemetry'>
}

const model = (): ReturnType<typeof scriptedModel> =>
  scriptedModel([{ text: ['Sunny', '.'], delay: 1 }])

const layers: Readonly<Record<string, (client: TruLayer) => Layer>> = {
  'the middleware': (client) => ({ sdk: ai, options: { model: wrapped(client) } }),
  'instrumented functions': (client) => ({
    sdk: instrumentAISDK(ai, { client }),
    options: { model: model() },
  }),
  telemetry: (client) => ({
    sdk: ai,
    options: { model: model(), telemetry: trulayerTelemetry({ client }) },
  }),
  'registration and the middleware': (client) => {
    onTestFinished(registerTruLayer(ai, { client }))
    return { sdk: ai, options: { model: wrapped(client) } }
  },
}

const pairs = Object.entries(layers).flatMap(([name, layer]) =>
  ['generated', 'streamed'].flatMap((how) =>
    ['wrapped', 'seen by its events'].map((kind) => ({ name, layer, how, kind })),
  ),
)

describe(`a model call that LlamaIndex and the SDK both see is one span, on ${setName}`, () => {
  test.each(pairs)('$name, $how, a model that is $kind', async ({ layer, how, kind }) => {
    const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
    const tl = instrumentLlamaIndex(set.Settings, { client })
    onTestFinished(() => tl.off())
    const bottom = layer(client)
    const over = overSDK(bottom)
    const llm = kind === 'wrapped' ? tl.llm(over) : over
    const answers = await Promise.all(
      Array.from({ length: TURNS }, (_, turn) =>
        ask({ tl, client, bottom, llm }, how === 'streamed', `question ${turn}`),
      ),
    )
    await settled()
    expect(answers).toEqual(Array.from({ length: TURNS }, () => 'Sunny.'))
    expect(traces.map(spanTree)).toEqual(Array.from({ length: TURNS }, () => TREE))
    for (const trace of traces) {
      const inputs = trace.spans.filter(({ type }) => type === 'llm').map(({ input }) => input)
      const questions = JSON.stringify(inputs).match(/question \d/g) ?? []
      expect(new Set(questions)).toEqual(new Set([trace.input]))
    }
  })
})

interface Host {
  readonly tl: LlamaIndexInstrumentation
  readonly client: TruLayer
  readonly bottom: Layer
  readonly llm: Model
}

/* A turn that asks the model of LlamaIndex, and then the SDK by itself. */
function ask({ tl, client, bottom, llm }: Host, stream: boolean, prompt: string): Promise<unknown> {
  const { sdk, options } = bottom
  return tl.run({ name: 'turn', input: prompt }, async () => {
    const messages = [{ role: 'user', content: prompt }]
    const answer = await llm.chat({ messages, stream })
    const text = stream ? await drain(answer as AsyncIterable<Answer>) : answer.message?.content
    await client.span('check', 'tool', () => sdk.generateText({ prompt, ...options }))
    return text
  })
}

function wrapped(client: TruLayer) {
  return ai.wrapLanguageModel({ model: model(), middleware: trulayerMiddleware({ client }) })
}

/* A model of the host's own on top of the SDK, that reports its calls as those of LlamaIndex do. */
function overSDK({ sdk, options }: Layer): Model {
  const metadata = { model: 'gpt-4o-mini', contextWindow: 8000, structuredOutput: false }
  const over = Object.assign(new set.ToolCallLLM(), { metadata, supportToolCall: true })
  const chat = set.wrapLLMEvent(async ({ messages, stream }) => {
    const prompt = String(messages.at(-1)?.content)
    if (stream === true) {
      return parts(sdk.streamText({ prompt, ...options }).textStream)
    }
    const { text } = await sdk.generateText({ prompt, ...options })
    return { message: { role: 'assistant', content: text }, raw: RAW }
  }, {})
  return Object.assign(over, {
    chat: (parameters: Parameters<typeof chat>[0]) =>
      set.withEventCaller(over, () => Reflect.apply(chat, over, [parameters])),
  }) as unknown as Model
}

const RAW = { usage: { prompt_tokens: 20, completion_tokens: 5 } }

async function* parts(text: AsyncIterable<string>) {
  for await (const delta of text) {
    yield { delta, raw: {} }
  }
  yield { delta: '', raw: RAW }
}
