import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import {
  AIMessage,
  AIMessageChunk,
  type AIMessageChunkFields,
  type AIMessageFields,
  type BaseMessage,
  type UsageMetadata,
} from '@langchain/core/messages'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import { RunnableLambda } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import {
  instrumentAISDK,
  registerTruLayer,
  trulayerMiddleware,
  trulayerTelemetry,
} from '@trulayer/ai-sdk'
import type { TruLayer } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { TruLayerCallbackHandler } from '@trulayer/langchain'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { collectingClient } from '../support/collecting-client.ts'
import { type SDKSet, majorOf } from './support/host.ts'
import { type Kit, kitOf } from './support/kit.ts'

/* The SDK with one way to record it, and what a call needs for that. */
interface Layer {
  readonly sdk: Kit['sdk']
  readonly model: object
  readonly options: object
}

type Layers = Readonly<Record<string, (set: SDKSet, client: TruLayer) => Layer>>

const SCRIPT = [{ text: ['Sunny', '.'], delay: 1 }]

const layers: Layers = {
  'the middleware': (set, client) => {
    const { sdk, model } = kitOf(set)
    const middleware = trulayerMiddleware({ client })
    return { sdk, model: sdk.wrapLanguageModel({ model: model(SCRIPT), middleware }), options: {} }
  },
  'instrumented functions': (set, client) => {
    const { sdk, model } = kitOf(set, instrumentAISDK(set.ai, { client }))
    return { sdk, model: model(SCRIPT), options: {} }
  },
  telemetry: (set, client) => {
    const { sdk, model } = kitOf(set)
    const options = { experimental_telemetry: trulayerTelemetry({ client }) }
    return { sdk, model: model(SCRIPT), options }
  },
}

/* Since version 7. */
const registration: Layers = {
  registration: (set, client) => {
    onTestFinished(registerTruLayer(set.ai, { client }))
    const { sdk, model } = kitOf(set)
    return { sdk, model: model(SCRIPT), options: {} }
  },
  'registration and the middleware': (set, client) => {
    onTestFinished(registerTruLayer(set.ai, { client }))
    return layerOf('the middleware', set, client)
  },
}

function layerOf(name: string, set: SDKSet, client: TruLayer): Layer {
  const layer = layers[name] ?? registration[name]
  if (layer === undefined) {
    throw new Error(`no layer ${name}`)
  }
  return layer(set, client)
}

const TURNS = 10
/* Where LangChain keeps its async context. */
const LANGCHAIN_CONTEXT = Symbol.for('ls:tracing_async_local_storage')
const USAGE: UsageMetadata = { input_tokens: 20, output_tokens: 5, total_tokens: 25 }
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
/* The model of LangChain and the SDK's below it are one call. What a tool asks by itself is another. */
const TREE = ['turn · ok · 40 in, 10 out', `├─ ${LLM}`, '└─ tool check · ok', `   └─ ${LLM}`].join(
  '\n',
)

/** A model call that LangChain and the SDK below it both see is one span. */
export function runPairs(set: SDKSet): void {
  const names = Object.keys(majorOf(set) === 7 ? { ...layers, ...registration } : layers)
  const pairs = names.flatMap((name) =>
    ['generated', 'streamed'].flatMap((how) =>
      ['reported by both', 'reported by the SDK alone'].map((usage) => ({ name, how, usage })),
    ),
  )
  const playPair = async ({ name, how, usage }: (typeof pairs)[number]): Promise<void> => {
    const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
    const layer = layerOf(name, set, client)
    const isStreamed = how === 'streamed'
    const reports = usage === 'reported by both'
    const answers = await Promise.all(
      Array.from({ length: TURNS }, (_, turn) =>
        turnOf(layer, { isStreamed, reports }).invoke(`question ${turn}`, {
          callbacks: [new TruLayerCallbackHandler({ client })],
          runName: 'turn',
        }),
      ),
    )
    await settled()
    expect(answers).toEqual(Array.from({ length: TURNS }, () => 'Sunny.'))
    expect(traces.map(spanTree)).toEqual(Array.from({ length: TURNS }, () => TREE))
    for (const trace of traces) {
      const inputs = trace.spans.map(({ input }) => input)
      const questions = JSON.stringify(inputs).match(/question \d/g) ?? []
      expect(new Set(questions)).toEqual(new Set([trace.input]))
    }
  }

  test.each(pairs)('$name, $how, tokens $usage, below LangChain alone', async (pair) => {
    expect(Reflect.get(globalThis, LANGCHAIN_CONTEXT)).toBeUndefined()
    await playPair(pair)
  })

  // LangGraph sets up the async context of LangChain, which is empty where a model streams.
  test.each(pairs)('$name, $how, tokens $usage, beside LangGraph', async (pair) => {
    await import('@langchain/langgraph')
    expect(Reflect.get(globalThis, LANGCHAIN_CONTEXT)).toBeDefined()
    await playPair(pair)
  })
}

function turnOf(
  layer: Layer,
  settings: { readonly isStreamed: boolean; readonly reports: boolean },
) {
  const { sdk, model, options } = layer
  const chat = new OverSDK(layer, settings.reports)
  const check = tool(
    async ({ question }) => (await sdk.generateText({ model, prompt: question, ...options })).text,
    { name: 'check', description: 'Checks', schema: z.object({ question: z.string() }) },
  )
  // With its config, which calls inherit only in a program that has LangGraph or the like.
  return RunnableLambda.from(async (question: string, config) => {
    let text = ''
    if (settings.isStreamed) {
      for await (const part of await chat.stream(question, config)) {
        text += part.text
      }
    } else {
      text = (await chat.invoke(question, config)).text
    }
    await check.invoke({ question }, config)
    return text
  })
}

/* A chat model of the host's own, as programs write one that moves from one framework to the other. */
class OverSDK extends BaseChatModel {
  readonly #layer: Layer
  readonly #reports: boolean

  constructor(layer: Layer, reports: boolean) {
    super({})
    this.#layer = layer
    this.#reports = reports
  }

  override _llmType(): string {
    return 'over-sdk'
  }

  override invocationParams(): Record<string, unknown> {
    return { model: 'gpt-4o-mini' }
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const { sdk, model, options } = this.#layer
    const { text } = await sdk.generateText({ model, prompt: promptOf(messages), ...options })
    return {
      generations: [
        {
          text,
          message: new AIMessage(this.#fieldsOf(text)),
        },
      ],
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
  ): AsyncGenerator<ChatGenerationChunk> {
    const { sdk, model, options } = this.#layer
    const { textStream } = sdk.streamText({ model, prompt: promptOf(messages), ...options })
    for await (const text of textStream) {
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) })
    }
    yield new ChatGenerationChunk({
      text: '',
      message: new AIMessageChunk(this.#fieldsOf('')),
    })
  }

  #fieldsOf(content: string): AIMessageFields & AIMessageChunkFields {
    return (this.#reports ? { content, usage_metadata: USAGE } : { content }) as AIMessageFields &
      AIMessageChunkFields
  }
}

function promptOf(messages: readonly BaseMessage[]): string {
  return messages.map(({ text }) => text).join('\n')
}
