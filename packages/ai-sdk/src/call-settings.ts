import { isObject } from '@trulayer/core/internal'
import type { Tags } from '@trulayer/core'

import { fieldOf, textOrUndefined } from './types.ts'
import { warnOnce } from './warn.ts'

/** Where a value of `trulayerTelemetry` keeps what it was made with, the same in every copy of the library. */
export const SETTINGS = Symbol.for('trulayer.telemetry')

/** What a single call says about its own recording. */
export interface CallSettings {
  readonly name?: string | undefined
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  readonly tags?: Tags | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly recordInputs?: boolean | undefined
  readonly recordOutputs?: boolean | undefined
}

/** The major version of the SDK, as far as a namespace, or the part of it that is at hand, lets it show. */
export type Major = 4 | 5 | 6 | 7

/** The telemetry settings of a call, under either of their names. */
function telemetryOf(options: unknown): unknown {
  return fieldOf(options, 'telemetry') ?? fieldOf(options, 'experimental_telemetry')
}

const NOTHING: CallSettings = {}

/** Reads what the call says, in our own settings or in those of the SDK. The first options that say something win. */
export function callSettings(...options: readonly unknown[]): CallSettings {
  const telemetry = options.map(telemetryOf).find(isObject)
  if (telemetry === undefined) {
    return NOTHING
  }
  const own = fieldOf(telemetry, SETTINGS)
  const metadata = fieldOf(telemetry, 'metadata')
  return {
    name: textOrUndefined(fieldOf(telemetry, 'functionId')),
    sessionId: textOrUndefined(fieldOf(metadata, 'sessionId') ?? fieldOf(metadata, 'session.id')),
    userId: textOrUndefined(fieldOf(metadata, 'userId') ?? fieldOf(metadata, 'user.id')),
    recordInputs: falseOrUndefined(fieldOf(telemetry, 'recordInputs')),
    recordOutputs: falseOrUndefined(fieldOf(telemetry, 'recordOutputs')),
    ...(isCallSettings(own) && defined(own)),
  }
}

/** Which calls a registered integration is notified of. */
export type RegisteredEngine = 'none' | 'calls without integrations' | 'all calls'

/**
 * True where an engine of ours is notified of the call as well: the one in a value of `trulayerTelemetry`, or a registered
 * one, unless the call has switched telemetry off.
 */
export function hasEngine(registered: RegisteredEngine, ...options: readonly unknown[]): boolean {
  const telemetry = options.map(telemetryOf).find(isObject)
  if (fieldOf(telemetry, 'isEnabled') === false) {
    return false
  }
  if (fieldOf(telemetry, SETTINGS) !== undefined) {
    return true
  }
  const integrations = fieldOf(telemetry, 'integrations')
  return (
    registered === 'all calls' ||
    (registered !== 'none' && (integrations ?? undefined) === undefined)
  )
}

/** Says which settings the SDK ignores without a word, once each. */
export function warnOfIgnored(options: unknown, major: Major | undefined): void {
  if (major === undefined) {
    return
  }
  const telemetry = fieldOf(options, 'telemetry')
  if (major < 7) {
    if (telemetry !== undefined) {
      warnOnce(
        `ai ${major} ignores the option \`telemetry\`; there it is \`experimental_telemetry\`.`,
      )
    }
    return
  }
  const settings = telemetryOf(options)
  for (const name of ['metadata', 'tracer']) {
    if (fieldOf(settings, name) !== undefined && fieldOf(settings, SETTINGS) === undefined) {
      warnOnce(
        `ai 7 ignores \`${name}\` in the telemetry settings of a call; trulayerTelemetry() takes session, user and metadata.`,
      )
    }
  }
}

/* Nobody else writes under that symbol. */
function isCallSettings(value: unknown): value is CallSettings {
  return isObject(value)
}

/** The settings that say something. */
export function defined(settings: CallSettings): CallSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function falseOrUndefined(value: unknown): false | undefined {
  return value === false ? false : undefined
}
