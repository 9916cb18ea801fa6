import { APICallError } from 'ai'
import { describe, expect, test } from 'vitest'

import { canonicalModel, canonicalTools } from '../../../test/support/ai-sdk-agents.ts'
import { scriptedModel } from '../../../test/support/ai-sdk-scripted-model.ts'
import { type AI, bothWays, readAll } from './support.ts'

const prompt = 'hi'
const words = ['one ', 'two ', 'three ', 'four ', 'five ']
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const model = (turn: object = {}) => scriptedModel([{ text: words, delay: 2, ...turn }])

describe('a stream of one reader', () => {
  test.each<[string, (sdk: AI) => Promise<unknown>]>([
    [
      'its parts',
      (sdk) => readAll(sdk.experimental_streamTextLowMemory({ model: model(), prompt }).stream),
    ],
    [
      'its text',
      (sdk) => readAll(sdk.experimental_streamTextLowMemory({ model: model(), prompt }).textStream),
    ],
    [
      'nothing',
      (sdk) =>
        Promise.resolve(
          sdk.experimental_streamTextLowMemory({ model: model(), prompt }).consumeStream(),
        ),
    ],
    [
      'a response',
      (sdk) =>
        sdk
          .experimental_streamTextLowMemory({ model: model(), prompt })
          .toTextStreamResponse()
          .text(),
    ],
  ])('that hands out %s ends with it', async (_name, program) => {
    const { seen, bare, tree, capture } = await bothWays(program)
    expect(tree).toBe(`streamText · ok · 20 in, 5 out\n└─ ${LLM}`)
    expect(seen).toEqual(bare)
    expect(capture.traces[0]?.output).toBe(words.join(''))
  })

  test('goes on through all steps', async () => {
    const { tree } = await bothWays(async (sdk) => {
      const result = sdk.experimental_streamTextLowMemory({
        model: canonicalModel({ delay: 1 }),
        tools: canonicalTools,
        stopWhen: sdk.isStepCount(4),
        prompt,
      })
      return (await readAll(result.textStream)).parts
    })
    expect(tree).toBe(`streamText · ok · 40 in, 10 out
├─ ${LLM}
├─ tool calculator · ok
├─ tool weather · ok
├─ tool weather · ok
└─ ${LLM}`)
  })

  test('whose reader breaks off is cancelled', async () => {
    const { seen, bare, tree } = await bothWays(async (sdk) => {
      const result = sdk.experimental_streamTextLowMemory({ model: model(), prompt })
      for await (const part of result.textStream) {
        return part
      }
      return undefined
    })
    expect(tree).toBe('streamText · cancelled\n└─ llm chat gpt-4o-mini · cancelled')
    expect(seen).toEqual(bare)
  })

  test('whose model fails is an error', async () => {
    const { tree } = await bothWays(async (sdk) => {
      const result = sdk.experimental_streamTextLowMemory({
        model: model({ errorPart: new Error('hiccup'), finishReason: 'error' }),
        prompt,
        onError: () => {},
      })
      return (await readAll(result.textStream)).parts
    })
    expect(tree).toBe(`streamText · error (Error: hiccup) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: hiccup) · 20 in, 5 out`)
  })
})

describe('a stream that is tried again', () => {
  test('has a span for each attempt, and ends well', async () => {
    const { seen, bare, tree, capture } = await bothWays(async (sdk) => {
      let attempt = 0
      const flaky = scriptedModel(() => {
        attempt += 1
        const mistake = new APICallError({
          message: 'overloaded',
          url: 'http://localhost',
          requestBodyValues: {},
          isRetryable: true,
        })
        return attempt === 1
          ? { text: ['on'], delay: 1, errorPart: mistake, finishReason: 'error' }
          : { text: words, delay: 1 }
      })
      const result = sdk.streamText({ model: flaky, prompt, streamRetries: 1, onError: () => {} })
      return [(await readAll(result.textStream)).parts, await result.finishReason]
    })
    expect(tree).toBe(`streamText · ok · 20 in, 5 out
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ ${LLM}`)
    expect(seen).toEqual(bare)
    expect(capture.traces[0]?.spans.map(({ metadata }) => metadata['trulayer.attempt'])).toEqual([
      1, 2,
    ])
  })
})
