import { instrumentAISDK, registerTruLayer, trulayerTelemetry } from '@trulayer/ai-sdk'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { untilClosed } from './support/both-ways.ts'
import type { SDKSet } from './support/host.ts'
import { kitOf } from './support/kit.ts'

const prompt = 'hi'
const SCRIPT = [{ text: ['hello'] }]
const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

/** Versions 6 and 7 share a list of integrations, and tell it different things. */
export function describeTogether(older: SDKSet, newer: SDKSet): void {
  describe(`ai ${older.name} beside ai ${newer.name}`, () => {
    test('each call is one trace, whichever way it is recorded', async () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      onTestFinished(() => warn.mockRestore())
      const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
      const capture = captureTraces({ client })
      onTestFinished(() => capture.stop())
      const heard: string[] = []
      const integrations = globalIntegrations()
      integrations.push({
        onStart: (event: { callId?: string }) => {
          heard.push(event.callId === undefined ? 'six' : 'seven')
        },
      })
      onTestFinished(() => {
        integrations.length = 0
      })
      onTestFinished(registerTruLayer(newer.ai, { client }))
      const experimental_telemetry = trulayerTelemetry({ client })

      for (const set of [older, newer]) {
        const bare = kitOf(set)
        const recorded = kitOf(set, instrumentAISDK(set.ai, { client }))
        const call = { model: bare.model(SCRIPT), prompt }
        await bare.sdk.generateText({ ...call, experimental_telemetry })
        await recorded.sdk.generateText(call)
        await recorded.sdk.generateText({ ...call, experimental_telemetry })
      }
      await kitOf(newer).sdk.generateText({ model: kitOf(newer).model(SCRIPT), prompt })
      await untilClosed(client)

      expect(capture.traces.map((trace) => spanTree(trace))).toEqual(
        Array.from({ length: 7 }, () => `generateText · ok · 20 in, 5 out\n└─ ${LLM}`),
      )
      // Each of them told the other integration once.
      expect(heard).toEqual(['six', 'six', 'six', 'seven', 'seven', 'seven', 'seven'])
    })
  })
}

function globalIntegrations(): object[] {
  const list: object[] = []
  Reflect.set(globalThis, 'AI_SDK_TELEMETRY_INTEGRATIONS', list)
  return list
}
