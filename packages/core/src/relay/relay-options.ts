import { checkAdapterOptions, clientKind } from '../client/adapter-options.ts'
import type { TruLayer } from '../client/client.ts'
import { checkOptions, kinds, noSuchOption } from '../shape/check-options.ts'
import { TruLayerError } from '../shape/trulayer-error.ts'
import type { Feedback } from '../deliver/feedback.ts'
import type { FinishedTrace } from '../shape/trace.ts'

/** A kind of thing that a browser may send. */
export type RelayKind = 'feedback' | 'traces'

/** One thing that a browser sent, as it was understood. */
export type RelayItem =
  | { readonly kind: 'feedback'; readonly feedback: Feedback }
  | { readonly kind: 'traces'; readonly trace: FinishedTrace }

/** Bounds of what browsers may send. */
export interface RelayLimits {
  /** Bytes of one request. @defaultValue 262144 (256 KiB) */
  readonly bodyBytes?: number | undefined
  /** Requests a minute of all visitors together, for each process. @defaultValue 6000 */
  readonly perMinute?: number | undefined
  /** Requests a minute of one visitor, where `visitorOf` tells visitors apart. @defaultValue 60 */
  readonly perVisitorMinute?: number | undefined
}

/** How a relay is made. */
export interface RelayOptions {
  /** Holds the key and delivers. @defaultValue the global client at the time of the request */
  readonly client?: TruLayer | undefined
  /** What browsers may send. @defaultValue `['feedback']` */
  readonly allow?: readonly RelayKind[] | undefined
  /** Origins besides the relay's own whose pages may send, such as `https://shop.example`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined
  readonly limits?: RelayLimits | undefined
  /**
   * Tells visitors apart, for `perVisitorMinute`: by a session of yours, or by the address that your proxy vouches for.
   * Gets what the relay got. `undefined` counts with everybody.
   *
   * @defaultValue nobody is told apart
   */
  readonly visitorOf?:
    | ((request: Request, ...context: readonly unknown[]) => string | undefined)
    | undefined
  /**
   * Has the last word on each thing: whether this visitor may say this of this trace, or belongs to this session. What it
   * throws is a refusal.
   *
   * @defaultValue everything that is understood is taken
   */
  readonly authorize?:
    | ((item: RelayItem, request: Request) => boolean | Promise<boolean>)
    | undefined
}

/** The options with every default in place. */
export interface RelaySettings {
  readonly allow: ReadonlySet<string>
  readonly allowedOrigins: ReadonlySet<string>
  readonly bodyBytes: number
  readonly perMinute: number
  readonly perVisitorMinute: number
}

const RELAY_OPTIONS = {
  client: [clientKind],
  // Their entries are checked below.
  allow: [kinds.any],
  allowedOrigins: [kinds.any],
  limits: [kinds.object],
  visitorOf: [kinds.syncFunction],
  authorize: [kinds.function],
} as const satisfies Record<keyof RelayOptions, unknown>

const LIMITS = {
  bodyBytes: [kinds.number],
  perMinute: [kinds.number],
  perVisitorMinute: [kinds.number],
} as const satisfies Record<keyof RelayLimits, unknown>

const OWNER = 'createRelay()'

const KINDS: ReadonlySet<unknown> = new Set(['feedback', 'traces'] satisfies RelayKind[])

/**
 * Puts the defaults in place.
 *
 * @throws TruLayerError `invalid-option`
 */
export function resolveRelayOptions(options: RelayOptions): RelaySettings {
  checkAdapterOptions(OWNER, options, RELAY_OPTIONS)
  checkLimits(options.limits)
  const allow = options.allow ?? ['feedback']
  const origins = options.allowedOrigins ?? []
  if (!Array.isArray(allow) || !allow.every((kind) => KINDS.has(kind))) {
    throw new TruLayerError(
      'invalid-option',
      "option `allow` must be a list of 'feedback' and 'traces'.",
    )
  }
  if (!Array.isArray(origins) || !origins.every((origin) => URL.canParse(origin))) {
    throw new TruLayerError(
      'invalid-option',
      "option `allowedOrigins` must be a list of origins, such as 'https://shop.example'.",
    )
  }
  return {
    allow: new Set(allow),
    // As browsers spell it: in lower case, without the slash that is easily added.
    allowedOrigins: new Set(origins.map((origin) => new URL(origin).origin)),
    bodyBytes: options.limits?.bodyBytes ?? 262_144,
    perMinute: options.limits?.perMinute ?? 6000,
    perVisitorMinute: options.limits?.perVisitorMinute ?? 60,
  }
}

/* A bound that is not one would bound nothing, so that a wrong name is as wrong as a wrong value. */
function checkLimits(limits: RelayLimits = {}): void {
  const prefix = 'limits.'
  const [unknown] = checkOptions(limits, LIMITS, { owner: OWNER, prefix })
  if (unknown !== undefined) {
    throw new TruLayerError('invalid-option', noSuchOption(unknown, LIMITS, OWNER))
  }
}
