import { instrumentAISDK, registerTruLayer } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { untilClosed } from './support/both-ways.ts'

/** How a set mocks its SDK: `vi.doMock` resolves a module from the file that calls it. */
export interface MockedSDK {
  readonly name: string
  readonly mock: (factory?: (original: () => Promise<object>) => object) => void
  readonly load: () => Promise<object>
}

/* The little of the SDK that is called here. */
interface Host {
  readonly generateText: (options: object) => Promise<{ readonly text: string }>
  readonly streamText: (options: object) => unknown
  readonly tool: unknown
}

const prompt = 'hi'
const byId = { model: 'openai/gpt-4o-mini', prompt }

/** A user's test suite that mocks the SDK. */
export function describeMocked({ name, mock, load }: MockedSDK): void {
  const mocked = async (factory?: Parameters<typeof mock>[0]) => {
    vi.resetModules()
    mock(factory)
    const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
    const capture = captureTraces({ client })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => {
      capture.stop()
      warn.mockRestore()
    })
    const ai = await load()
    return {
      ai: ai as Host,
      sdk: instrumentAISDK(ai, { client }) as Host,
      warn,
      trees: async () => {
        await untilClosed(client)
        return capture.traces.map((trace) => spanTree(trace))
      },
    }
  }
  const generateText = () => vi.fn(async () => ({ text: 'mocked' }))

  describe(`ai ${name}, mocked`, () => {
    test('by a factory that leaves most of it out', async () => {
      const { sdk, ai, trees } = await mocked(() => ({ generateText: generateText() }))
      expect(() => ai.streamText).toThrow('No "streamText" export')
      expect((await sdk.generateText(byId)).text).toBe('mocked')
      const model = { specificationVersion: 'v3', provider: 'p', modelId: 'm' }
      expect((await sdk.generateText({ model, prompt })).text).toBe('mocked')
      expect(ai.generateText).toHaveBeenLastCalledWith({ model, prompt })
      expect(sdk.streamText).toBeUndefined()
      expect(await trees()).toEqual(['generateText · ok', 'generateText · ok'])
    })

    test('in part', async () => {
      const { sdk, ai, trees } = await mocked(async (original) => ({
        ...(await original()),
        generateText: generateText(),
      }))
      expect((await sdk.generateText(byId)).text).toBe('mocked')
      expect(sdk.tool).toBe(ai.tool)
      expect(sdk.streamText).toBeTypeOf('function')
      expect(await trees()).toEqual(['generateText · ok'])
    })

    test('as a whole', async () => {
      const { sdk, ai, trees } = await mocked()
      vi.mocked(ai.generateText).mockResolvedValue({ text: 'auto' })
      expect((await sdk.generateText(byId)).text).toBe('auto')
      expect(sdk.streamText(byId)).toBeUndefined()
      expect(await trees()).toEqual(['generateText · ok', 'streamText · ok'])
    })

    test('with a stream of another shape', async () => {
      const result = { textStream: ['a', 'b'] }
      const { sdk, trees } = await mocked(() => ({ streamText: () => result }))
      expect(sdk.streamText(byId)).toBe(result)
      expect(await trees()).toEqual(['streamText · ok'])
    })

    test('and registered', async () => {
      const { ai, warn } = await mocked(() => ({ generateText: generateText() }))
      expect(() => registerTruLayer(ai)()).not.toThrow()
      const registerTelemetry = vi.fn(() => {
        throw new Error('not here')
      })
      const { ai: registering } = await mocked(() => ({ registerTelemetry }))
      expect(() => registerTruLayer(registering)()).not.toThrow()
      expect(registerTelemetry).toHaveBeenCalledOnce()
      expect(warn).toHaveBeenCalled()
    })
  })
}
