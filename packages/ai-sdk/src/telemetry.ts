import type { Tags, TruLayer } from '@trulayer/core'
import { cleanAdapterOptions, clientKind, kinds, sessionKinds } from '@trulayer/core/internal'

import { type CallSettings, defined, SETTINGS } from './call-settings.ts'
import { globalIntegrations, isOurs, onlyWithCallId } from './global-integrations.ts'
import { type TelemetryIntegration, TruLayerIntegration } from './integration.ts'
import { TruLayerTracer, type TelemetryTracer } from './tracer.ts'

/** What a single call says about its own recording. */
export interface TelemetryOptions {
  /** Where an unwrapped function is recorded; a wrapped one has its client. @defaultValue the global client */
  readonly client?: TruLayer | undefined
  /** The name of the operation, and of its trace. */
  readonly name?: string | undefined
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  /** Merged into the metadata of the operation. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly tags?: Tags | undefined
  /** False keeps the inputs of this call to itself, of its model calls and tools as well. */
  readonly recordInputs?: boolean | undefined
  /** False keeps its outputs and messages of errors, likewise. */
  readonly recordOutputs?: boolean | undefined
}

const TELEMETRY_OPTIONS = {
  ...sessionKinds,
  client: [clientKind],
  name: [kinds.string],
  recordInputs: [kinds.boolean],
  recordOutputs: [kinds.boolean],
} as const satisfies Record<keyof TelemetryOptions, unknown>

/** The value for `experimental_telemetry` of every version and for `telemetry` of version 7. */
export interface TruLayerTelemetry {
  readonly isEnabled: true
  readonly functionId?: string
  readonly recordInputs?: boolean
  readonly recordOutputs?: boolean
  /** For versions 4 to 6, and other listeners there. Absent where there is none, as in a call without telemetry. */
  readonly metadata?: Record<string, string>
  /** The engine of versions 4 to 6. */
  readonly tracer: TelemetryTracer
  /** The engine of version 7. */
  readonly integrations: TelemetryIntegration[]
}

/**
 * Settings for the telemetry of a call. On an instrumented function they say what session the call belongs to, what it is
 * called and what is kept of it; on one that is not, they record it.
 *
 * An option that does not exist or has the wrong type is ignored with one warning.
 *
 * Made once, at module scope, it serves any number of calls. Other integrations that are registered with version 7, and an
 * OpenTelemetry provider on versions 4 to 6, go on hearing of the call.
 *
 * @example
 * ```ts
 * await generateText({ model, prompt, experimental_telemetry: trulayerTelemetry({ sessionId }) })
 * ```
 */
export function trulayerTelemetry(options: TelemetryOptions = {}): TruLayerTelemetry {
  const { client, ...given } = cleanAdapterOptions(
    'trulayerTelemetry()',
    options,
    TELEMETRY_OPTIONS,
  )
  const settings = defined(given)
  const integration = new TruLayerIntegration({ client, settings })
  const metadata = textsOf({ sessionId: given.sessionId, userId: given.userId })
  const telemetry: TruLayerTelemetry & { readonly [SETTINGS]: CallSettings } = {
    [SETTINGS]: settings,
    isEnabled: true,
    ...(given.name !== undefined && { functionId: given.name }),
    ...(given.recordInputs !== undefined && { recordInputs: given.recordInputs }),
    ...(given.recordOutputs !== undefined && { recordOutputs: given.recordOutputs }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    tracer: new TruLayerTracer({ client, settings }),
    // Read anew at each call: the integrations of a call take the place of the global ones (vercel/ai#14499).
    get integrations(): TelemetryIntegration[] {
      const others = globalIntegrations().filter((other) => !isOurs(other))
      return [integration, ...others].map((each) => onlyWithCallId(each))
    },
  }
  return telemetry
}

function textsOf(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) {
      texts[key] = value
    }
  }
  return texts
}
