import { asyncContext } from '../runtime/async-context.ts'
import { shared } from '../runtime/shared-state.ts'
import type { Run, Tags } from './run.ts'

/** What `withSession` lays over the turns that start inside it. */
export interface SessionContext {
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly tags?: Tags | undefined
  /** The name of the traces. */
  readonly traceName?: string | undefined
}

/** What flows with the host's asynchronous calls. Never changed, only replaced for what is called inside. */
export interface Frame {
  /** The active run of each client that has one. Mostly one. */
  readonly runs: readonly Run[]
  readonly session?: SessionContext | undefined
  readonly isSuppressed?: boolean | undefined
  /** The call of a wrapped handler that this belongs to. */
  readonly call?: object | undefined
}

/** The frame of the code that is running, shared by all copies of the library. */
const frameContext = /* @__PURE__ */ asyncContext<Frame>('frame')

const EMPTY: Frame = { runs: [] }

/** The current frame; an empty one outside of any. */
export function currentFrame(): Frame {
  return frameContext.current() ?? EMPTY
}

/** Calls `callback` with `run` as the active one of its client. */
export function withRun<Result>(run: Run, callback: () => Result): Result {
  const frame = currentFrame()
  const others = frame.runs.filter(
    (other) => other.turn.owner !== run.turn.owner && other.nearestOpen() !== undefined,
  )
  return frameContext.run({ ...frame, runs: [run, ...others] }, callback)
}

/** Calls `callback` with a session laid over the one that is in force, field by field. */
export function withSessionContext<Result>(
  session: SessionContext,
  callback: () => Result,
): Result {
  const frame = currentFrame()
  const known = Object.fromEntries(
    Object.entries(session).filter(([, value]) => value !== undefined),
  )
  const merged: SessionContext = {
    ...frame.session,
    ...known,
    metadata: { ...frame.session?.metadata, ...session.metadata },
    tags: { ...toTagMap(frame.session?.tags), ...toTagMap(session.tags) },
  }
  return frameContext.run({ ...frame, session: merged }, callback)
}

/** Calls `callback` so that nothing which starts inside is recorded. */
export function suppressed<Result>(callback: () => Result): Result {
  return frameContext.run({ ...currentFrame(), isSuppressed: true }, callback)
}

/** Calls `callback` so that the turns which start inside are known to belong to `call`. */
export function withCall<Result>(call: object, callback: () => Result): Result {
  return frameContext.run({ ...currentFrame(), call }, callback)
}

/** Tags as a map; in a list `key:value` is `key = value` and any other word is `true`. */
export function toTagMap(tags: Tags | undefined): Record<string, string> {
  if (tags === undefined || tags === null) {
    return {}
  }
  const entries = isTagList(tags)
    ? tags.map(toTagValue).flatMap((tag): [string, unknown][] => {
        if (tag === undefined) {
          return []
        }
        const colon = tag.indexOf(':')
        return [colon > 0 ? [tag.slice(0, colon), tag.slice(colon + 1)] : [tag, 'true']]
      })
    : Object.entries(tags)
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const text = toTagValue(value)
      return key === '' || text === undefined ? [] : [[key, text]]
    }),
  )
}

/* Callers without a type checker hand over numbers and booleans too. */
function toTagValue(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function isTagList(tags: Tags): tags is readonly string[] {
  return Array.isArray(tags)
}

/**
 * Answers with the key of the run that is current in a framework's own context, for frameworks whose tools cannot be put
 * into ours. It must be cheap and may throw.
 */
export type AmbientLookup = () => string | undefined

const lookups = /* @__PURE__ */ shared('lookups', () => new Map<string, AmbientLookup>())

/** Adds the look-up of an adapter, under the adapter's name; a second one of that name changes nothing. */
export function addAmbientLookup(adapter: string, lookup: AmbientLookup): void {
  if (!lookups.has(adapter)) {
    lookups.set(adapter, lookup)
  }
}

/** The keys that the look-ups answer with now. */
export function ambientKeys(): string[] {
  const keys: string[] = []
  for (const lookup of lookups.values()) {
    try {
      const key = lookup()
      if (key !== undefined) {
        keys.push(key)
      }
    } catch {
      // A framework whose context changed its shape: nothing is ambient there.
    }
  }
  return keys
}
