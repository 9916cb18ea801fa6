import * as ai from 'ai'
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree, type TraceCapture } from '@trulayer/core/testing'

import { instrumentAISDK } from '../src/index.ts'

export type AI = typeof ai

/** The SDK as it is, recorded by a client of its own, and what was recorded. */
export function recording(): { ai: AI; client: TruLayer; capture: TraceCapture } {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
  return {
    ai: instrumentAISDK(ai, { client }),
    client,
    capture: captureTraces({ client }),
  }
}

/** What a program saw, with and without the library, and the traces. */
export interface BothWays<Seen> {
  readonly seen: Seen
  readonly bare: Seen
  readonly client: TruLayer
  readonly capture: TraceCapture
  /** The trees, one below the other. */
  readonly tree: string
}

/**
 * Runs a program on the bare SDK and on the recorded one. Both must see the same, so a test asserts on `seen` and
 * compares it to `bare`; what is random or a matter of time is taken out of both.
 */
export async function bothWays<Seen>(program: (sdk: AI) => Promise<Seen>): Promise<BothWays<Seen>> {
  const bare = await program(ai)
  const { ai: recorded, client, capture } = recording()
  const seen = await program(recorded)
  await capture.last({ timeout: 4000 })
  return {
    seen: withoutChance(seen),
    bare: withoutChance(bare),
    client,
    capture,
    tree: capture.traces.map((trace) => spanTree(trace)).join('\n'),
  }
}

const CHANCE = new Set(['performance', 'callId', 'messageId', 'toolExecutionMs'])

function withoutChance<Value>(value: Value): Value {
  return strip(value, 0) as Value
}

function strip(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) {
    return value.map((entry: unknown) => strip(entry, depth + 1))
  }
  const isPlain =
    typeof value === 'object' &&
    value !== null &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
  if (!isPlain || depth > 12) {
    return value
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !CHANCE.has(key))
      .map(([key, entry]) => [key, strip(entry, depth + 1)]),
  )
}

/** Every value of a stream, and what it ended with. */
export async function readAll<Part>(
  stream: AsyncIterable<Part>,
): Promise<{ parts: Part[]; thrown: unknown }> {
  const parts: Part[] = []
  try {
    for await (const part of stream) {
      parts.push(part)
    }
    return { parts, thrown: undefined }
  } catch (thrown) {
    return { parts, thrown }
  }
}

/** What a promise is rejected with. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
