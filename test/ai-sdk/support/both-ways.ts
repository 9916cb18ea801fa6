import { instrumentAISDK } from '@trulayer/ai-sdk'
import { type FinishedTrace, TruLayer, type TruLayerOptions } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { vi } from 'vitest'

import type { SDKSet } from './host.ts'
import { type Kit, kitOf } from './kit.ts'

/** What a program saw with and without the library, and what was recorded. */
export interface BothWays {
  readonly seen: unknown
  readonly bare: unknown
  readonly traces: readonly FinishedTrace[]
  readonly client: TruLayer
  /** The trees, one below the other. */
  readonly tree: string
}

/** How a program is run. */
export interface RunOptions {
  readonly client?: TruLayerOptions
  /** What to wait for when the program is over. @defaultValue until no turn is open */
  readonly settle?: (client: TruLayer) => Promise<void>
}

/** Runs a program on the bare SDK and on the recorded one. What is random or a matter of time is taken out of both. */
export async function bothWays(
  set: SDKSet,
  program: (kit: Kit) => Promise<unknown>,
  options: RunOptions = {},
): Promise<BothWays> {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false, ...options.client })
  const capture = captureTraces({ client })
  const bare = await watched(() => program(kitOf(set)))
  const recorded = instrumentAISDK(set.ai, { client })
  const seen = await watched(() =>
    client.withSession({ sessionId: 'chat-1' }, () => program(kitOf(set, recorded))),
  )
  await (options.settle?.(client) ?? untilClosed(client))
  capture.stop()
  return {
    seen,
    bare,
    traces: capture.traces,
    client,
    tree: capture.traces.map((trace) => spanTree(trace)).join('\n'),
  }
}

/* Ends only what hangs: nothing here says how fast a machine is. */
const PATIENCE = 30_000

/** Waits until no turn is open. */
export async function untilClosed(client: TruLayer): Promise<void> {
  await vi.waitFor(
    () => {
      const { open } = client.stats().traces
      if (open > 0) {
        throw new Error(`${open} turns are still open`)
      }
    },
    { timeout: PATIENCE, interval: 2 },
  )
}

/* What a program sees besides its own values: the SDK tells of errors that nobody handles on the console. */
async function watched(program: () => Promise<unknown>): Promise<unknown> {
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown): void => {
    unhandled.push(error instanceof Error ? error.name : error)
  }
  process.on('unhandledRejection', onUnhandled)
  try {
    const value = await program()
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
    return withoutChance({ value, told: console.mock.calls.length, unhandled })
  } finally {
    process.off('unhandledRejection', onUnhandled)
    console.mockRestore()
  }
}

const CHANCE = new Set([
  'id',
  'messageId',
  'callId',
  'approvalId',
  'performance',
  'timestamp',
  'toolExecutionMs',
  'stack',
])

function withoutChance(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => withoutChance(entry, depth + 1))
  }
  if (value instanceof Error) {
    return `${value.name}: ${value.message}`
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
      .map(([key, entry]) => [key, withoutChance(entry, depth + 1)]),
  )
}
