import { TruLayer } from '@trulayer/core'
import { expect, onTestFinished, test } from 'vitest'

import { trulayerTelemetry } from '../src/index.ts'

const LIST = 'AI_SDK_TELEMETRY_INTEGRATIONS'

test('a peer that patches the integrations of each call leaves nothing on them', () => {
  let started = 0
  let patched = 0
  const onStart = (): void => {
    started += 1
  }
  const other = { onStart }
  const before: unknown = Reflect.get(globalThis, LIST)
  Reflect.set(globalThis, LIST, [other])
  onTestFinished(() => {
    Reflect.set(globalThis, LIST, before)
  })
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  const telemetry = trulayerTelemetry({ client })
  for (let call = 1; call <= 3; call += 1) {
    for (const integration of telemetry.integrations) {
      const original: unknown = Reflect.get(integration, 'onStart')
      integration.onStart = function patch(...parameters) {
        patched += 1
        if (typeof original === 'function') {
          Reflect.apply(original, this, parameters)
        }
      }
      integration.onStart({ callId: `call-${call}` })
    }
    // One for ours, one for the other.
    expect([patched, started]).toEqual([2 * call, call])
  }
  expect(Object.entries(other)).toEqual([['onStart', onStart]])
})
