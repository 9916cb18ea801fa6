import { cleanAdapterOptions, isObject, read, sessionKinds } from '@trulayer/core/internal'
import type { Tags } from '@trulayer/core'

import { OWN_METADATA } from './map-root.ts'

/** Whom and what a call is for. */
export interface TruLayerCall {
  /** The conversation that the turn belongs to. */
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  readonly tags?: Tags | undefined
  /** Shown in the trace's metadata. Small values: they are indexed. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

const CALL_OPTIONS = sessionKinds satisfies Record<keyof TruLayerCall, unknown>

/**
 * Tracing options that say whom a call is for, in every version of Mastra.
 *
 * @param tracingOptions - other tracing options of the call, which stay
 *
 * @example
 * ```ts
 * await agent.generate(question, { tracingOptions: withTruLayer({ sessionId, userId, tags: ['plan:pro'] }) })
 * ```
 */
export function withTruLayer<Options extends object = object>(
  call: TruLayerCall,
  tracingOptions?: Options,
): Options & { metadata: Record<string, unknown> } {
  const clean = cleanAdapterOptions('withTruLayer()', call, CALL_OPTIONS)
  const metadata = read(tracingOptions, 'metadata')
  const merged = {
    ...tracingOptions,
    metadata: { ...(isObject(metadata) ? metadata : undefined), [OWN_METADATA]: { ...clean } },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a spread of a type parameter keeps its fields
  return merged as Options & { metadata: Record<string, unknown> }
}
