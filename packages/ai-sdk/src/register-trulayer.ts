import type { TruLayer } from '@trulayer/core'
import { checkAdapterOptions, guard, readExport } from '@trulayer/core/internal'

import {
  addGlobalIntegration,
  globalIntegrations,
  hasGlobalIntegrations,
  isOurs,
  onlyWithCallId,
  removeGlobalIntegration,
} from './global-integrations.ts'
import type { Major, RegisteredEngine } from './call-settings.ts'
import { type TelemetryIntegration, TruLayerIntegration } from './integration.ts'
import { majorOf } from './major.ts'
import { followTelemetryChannel, isChannelFollowed, isOnChannel } from './telemetry-channel.ts'
import { isFunction } from './types.ts'
import { warnOnce } from './warn.ts'

/** How the whole process is recorded. */
export interface RegisterOptions {
  /** Where calls are recorded. @defaultValue the global client, looked up at each call */
  readonly client?: TruLayer | undefined
}

/**
 * Records every call of the AI SDK in this process, wherever it is made, from version 7 on. Registering again changes
 * nothing. Earlier versions have nothing to register with that tells enough; a line says what to use instead.
 *
 * A reader that breaks off a stream is told to nobody by the SDK itself: for that, wrap the functions with
 * `instrumentAISDK`. Both may be used together, and each call is recorded once.
 *
 * @param ai - the namespace, `import * as ai from 'ai'`
 * @returns a function that switches it off
 * @throws TruLayerError `invalid-option` for an option of the wrong type
 */
export function registerTruLayer(ai: object, options: RegisterOptions = {}): () => void {
  checkAdapterOptions('registerTruLayer()', options)
  const registerTelemetry = readExport(ai, 'registerTelemetry')
  if (!isFunction(registerTelemetry)) {
    const major = majorOf(ai)
    warnOnce(
      `registerTruLayer() needs ai 7${major === undefined ? '' : `, and this is ai ${major}`}: use instrumentAISDK(ai), or trulayerTelemetry() for a single call.`,
    )
    return () => {}
  }
  return registerIntegration(options.client, (integration) => {
    Reflect.apply(registerTelemetry, undefined, [integration])
  })
}

/** Registers an integration unless one of ours is there. */
export function registerIntegration(
  client: TruLayer | undefined,
  register: (integration: TelemetryIntegration) => void = addGlobalIntegration,
): () => void {
  if (globalIntegrations().some(isOurs)) {
    return () => {}
  }
  const hadList = hasGlobalIntegrations()
  const integration = new TruLayerIntegration({ client })
  const registered = onlyWithCallId(integration, () => {
    warnOnce(
      'ai 6 reports too little to an integration to record a call: wrap the namespace, instrumentAISDK(ai).',
    )
  })
  guard('the registration with the AI SDK', () => register(registered))
  const stopFollowing = guard('the channel of the AI SDK', () =>
    followTelemetryChannel(integration),
  )
  return () => {
    integration.isOn = false
    removeGlobalIntegration(registered, hadList)
    guard('the channel of the AI SDK', () => stopFollowing?.())
  }
}

/** Which calls of a version a registered integration of ours is notified of. */
export function registeredEngine(major: Major | undefined, name?: string): RegisteredEngine {
  if ((major !== undefined && major !== 7) || !globalIntegrations().some(isOurs)) {
    return 'none'
  }
  return isChannelFollowed() && isOnChannel(name) ? 'all calls' : 'calls without integrations'
}
