import type * as sdkTypes from 'ai'
import { APICallError } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'

import { canonicalScript, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { scriptedModel } from '../../../test/support/ai-sdk-scripted-model.ts'
import { bothWays, readAll, recording, thrownBy } from './support.ts'

const prompt = 'hi'

function overloaded(): APICallError {
  return new APICallError({
    message: 'overloaded',
    url: 'http://provider',
    requestBodyValues: {},
    statusCode: 529,
    isRetryable: true,
    responseHeaders: { 'retry-after-ms': '2' },
  })
}

describe('a model that fails', () => {
  test.each(['generateText', 'streamText'] as const)(
    'twice and then answers is three attempts in a turn that is ok, with %s',
    async (way) => {
      const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
        const model = scriptedModel([{ text: 'there', errors: [overloaded(), overloaded()] }])
        const result = sdk[way]({ model, prompt, maxRetries: 2 })
        return await (
          await result
        ).text
      })
      expect(tree).toBe(`${way} · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ llm chat gpt-4o-mini · ok · 20 in, 5 out`)
      expect(seen).toBe('there')
      expect(seen).toEqual(bare)
      expect(capture.traces[0]?.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([
        1, 2, 3,
      ])
    },
  )

  test('at every attempt is an error, the same that the program gets', async () => {
    const errors = [overloaded(), overloaded(), overloaded()]
    const { seen, bare, tree } = await bothWays((sdk) =>
      thrownBy(() =>
        sdk.generateText({ model: scriptedModel([{ errors }]), prompt, maxRetries: 1 }),
      ),
    )
    expect(tree)
      .toBe(`generateText · error (AI_RetryError: Failed after 2 attempts. Last error: AI_APICallError: overloaded)
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)`)
    expect(seen).toEqual(bare)
    expect(Reflect.get(Object(seen), 'lastError')).toBe(errors[1])
  })

  test('for good is an error, the very same object', async () => {
    const mistake = new Error('no credit')
    const { seen, bare, tree, capture } = await bothWays((sdk) =>
      thrownBy(() => sdk.generateText({ model: scriptedModel([{ errors: [mistake] }]), prompt })),
    )
    expect(tree).toBe(`generateText · error (Error: no credit)
└─ llm chat gpt-4o-mini · error (Error: no credit)`)
    expect(seen).toBe(mistake)
    expect(bare).toBe(mistake)
    expect(capture.traces[0]?.spans[0]?.metadata['trulayer.attempt']).toBeUndefined()
  })

  test.each([
    ['no reason', undefined],
    ['a reason of the program', new Error('changed my mind')],
  ])('because it is aborted with %s is cancelled', async (_name, reason) => {
    const { seen, bare, tree } = await bothWays((sdk) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 5)
      const model = scriptedModel([{ text: 'late', delay: 500 }])
      return thrownBy(() => sdk.generateText({ model, prompt, abortSignal: controller.signal }))
    })
    expect(tree).toBe('generateText · cancelled\n└─ llm chat gpt-4o-mini · cancelled')
    expect(seen).toEqual(bare)
  })

  test('because its own request timed out is an error', async () => {
    const timeout = new DOMException('provider is slow', 'TimeoutError')
    const { seen, tree } = await bothWays((sdk) =>
      thrownBy(() => sdk.generateText({ model: scriptedModel([{ errors: [timeout] }]), prompt })),
    )
    expect(tree).toBe(`generateText · error (TimeoutError: provider is slow)
└─ llm chat gpt-4o-mini · error (TimeoutError: provider is slow)`)
    expect(seen).toBe(timeout)
  })
})

describe('a model of any make', () => {
  const scripted = scriptedModel([{ text: 'from a class' }])

  class PrivateModel {
    readonly specificationVersion = 'v4'
    readonly #id = 'private-1'
    readonly #inner = scripted

    get modelId(): string {
      return this.#id
    }

    get provider(): string {
      return `${this.#inner.provider}.private`
    }

    get supportedUrls() {
      return this.#inner.supportedUrls
    }

    doGenerate(...parameters: Parameters<typeof scripted.doGenerate>) {
      return this.#inner.doGenerate(...parameters)
    }

    doStream(...parameters: Parameters<typeof scripted.doStream>) {
      return this.#inner.doStream(...parameters)
    }
  }

  test.each([
    ['with private fields', () => new PrivateModel()],
    ['that is frozen', () => Object.freeze(new PrivateModel())],
  ])('%s works', async (_name, create) => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const generated = await sdk.generateText({ model: create(), prompt })
      const { textStream } = sdk.streamText({ model: create(), prompt })
      return [generated.text, await readAll(textStream)]
    })
    expect(tree).toBe(`generateText · ok · 20 in, 5 out
└─ llm chat private-1 · ok · 20 in, 5 out
streamText · ok · 20 in, 5 out
└─ llm chat private-1 · ok · 20 in, 5 out`)
    expect(seen).toEqual(bare)
  })

  test('is refused by the SDK as it is without us', async () => {
    const old = { specificationVersion: 'v1', provider: 'old', modelId: 'old-1', doGenerate() {} }
    const { seen, bare, tree } = await bothWays((sdk) =>
      // @ts-expect-error -- a model that this version does not know
      thrownBy(() => sdk.generateText({ model: old, prompt })),
    )
    expect(tree).toMatch(/^generateText · error \(AI_UnsupportedModelVersionError/)
    expect(seen).toEqual(bare)
  })

  test('is not changed', async () => {
    const model = scriptedModel([{ text: 'hello' }])
    const { doGenerate, doStream } = model
    const { ai } = recording()
    await ai.generateText({ model, prompt })
    expect([model.doGenerate, model.doStream]).toEqual([doGenerate, doStream])
    expect(model.doGenerateCalls).toHaveLength(1)
  })
})

describe('a model by its id', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'AI_SDK_DEFAULT_PROVIDER')
  })

  test('is the one of the default provider', async () => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = {
      specificationVersion: 'v4',
      languageModel: (id: string) => scriptedModel([{ text: `I am ${id}` }], { modelId: id }),
    } as unknown as typeof sdkTypes.gateway
    const { seen, bare, tree } = await bothWays(
      async (sdk) => (await sdk.generateText({ model: 'acme/one', prompt })).text,
    )
    expect(tree).toBe(`generateText · ok · 20 in, 5 out
└─ llm chat acme/one · ok · 20 in, 5 out`)
    expect(seen).toBe('I am acme/one')
    expect(seen).toBe(bare)
  })

  test('that nobody knows is refused by the SDK', async () => {
    const unknown = new Error('no such model')
    globalThis.AI_SDK_DEFAULT_PROVIDER = {
      specificationVersion: 'v4',
      languageModel: () => {
        throw unknown
      },
    } as unknown as typeof sdkTypes.gateway
    const { seen, tree } = await bothWays((sdk) =>
      thrownBy(() => sdk.generateText({ model: 'acme/two', prompt })),
    )
    expect(tree).toBe('generateText · error (Error: no such model)')
    expect(seen).toBe(unknown)
  })
})

test.each(['generate', 'stream'] as const)(
  'prepareStep may switch the model, and sees the program’s own, with %s',
  async (way) => {
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      const cheap = scriptedModel(canonicalScript)
      const dear = scriptedModel(canonicalScript, { modelId: 'gpt-4o' })
      const isOwn: boolean[] = []
      const agent = new sdk.ToolLoopAgent({
        id: 'support',
        model: cheap,
        tools: canonicalTools,
        prepareStep: ({ model, stepNumber }) => {
          isOwn.push(model === cheap)
          return stepNumber === 0 ? { model } : { model: dear, temperature: 0.5 }
        },
      })
      const result = await agent[way]({ prompt })
      return [await result.text, isOwn]
    })
    expect(tree).toBe(`support · ok · 40 in, 10 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ llm chat gpt-4o · ok · 20 in, 5 out`)
    expect(seen).toEqual(bare)
    expect(seen[1]).toEqual([true, true])
    expect(capture.traces[0]?.model).toBe('gpt-4o-mini')
    expect(capture.traces[0]?.spans.at(-1)?.metadata).toMatchObject({
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.response.model': 'gpt-4o-2024-07-18',
    })
  },
)
