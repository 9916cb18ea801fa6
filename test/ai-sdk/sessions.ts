import { instrumentAISDK, trulayerMiddleware, trulayerTelemetry } from '@trulayer/ai-sdk'
import { expect, test } from 'vitest'

import {
  OF_CALL,
  OF_SESSION,
  OWN_CALL,
  type SessionTurn,
  tracesInSession,
} from '../conformance/session.ts'
import type { SDKSet } from './support/host.ts'
import { kitOf, readAll } from './support/kit.ts'

const prompt = 'hi'
const SCRIPT = [{ text: ['hel', 'lo'] }]

/** What `withSession` is given is shown by the traces of each way to record the SDK. */
export function runSessions(set: SDKSet): void {
  const { model, sdk } = kitOf(set)
  const turns: Readonly<Record<string, SessionTurn>> = {
    instrumented: (client) => {
      const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
      return kit.sdk.generateText({ model: model(SCRIPT), prompt })
    },
    'instrumented, read later': (client) => {
      const kit = kitOf(set, instrumentAISDK(set.ai, { client }))
      const { textStream } = kit.sdk.streamText({ model: model(SCRIPT), prompt })
      return () => readAll(textStream)
    },
    telemetry: (client) => {
      const telemetry = trulayerTelemetry({ client })
      return sdk.generateText({ model: model(SCRIPT), prompt, experimental_telemetry: telemetry })
    },
    'telemetry, read later': (client) => {
      const telemetry = trulayerTelemetry({ client })
      const options = { model: model(SCRIPT), prompt, experimental_telemetry: telemetry }
      const { textStream } = sdk.streamText(options)
      return () => readAll(textStream)
    },
    middleware: (client) => {
      const middleware = trulayerMiddleware({ client })
      const wrapped = sdk.wrapLanguageModel({ model: model(SCRIPT), middleware })
      return sdk.generateText({ model: wrapped, prompt })
    },
    'middleware, read later': (client) => {
      const middleware = trulayerMiddleware({ client })
      const wrapped = sdk.wrapLanguageModel({ model: model(SCRIPT), middleware })
      const { textStream } = sdk.streamText({ model: wrapped, prompt })
      return () => readAll(textStream)
    },
  }

  test.each(Object.entries(turns))('%s is in the session', async (_, turn) => {
    expect(await tracesInSession(turn)).toMatchObject([OF_SESSION])
  })

  test('what the telemetry of a call says wins', async () => {
    const turn: SessionTurn = (client) => {
      const telemetry = trulayerTelemetry({ client, ...OWN_CALL })
      return sdk.generateText({ model: model(SCRIPT), prompt, experimental_telemetry: telemetry })
    }
    expect(await tracesInSession(turn)).toMatchObject([OF_CALL])
  })
}
