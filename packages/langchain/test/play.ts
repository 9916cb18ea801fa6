import type { Callbacks } from '@langchain/core/callbacks/manager'
import { TruLayer, type FinishedSpan, type FinishedTrace } from '@trulayer/core'
import { toWireTrace } from '@trulayer/core/internal'
import { captureTraces, spanTree, type TraceCapture } from '@trulayer/core/testing'
import { expect, onTestFinished, vi } from 'vitest'

import { collectingClient } from '../../../test/support/collecting-client.ts'
import { traceProblem } from '../../../test/support/contract.ts'
import { TruLayerCallbackHandler, type TruLayerCallbackHandlerOptions } from '../src/index.ts'

/** What the host sees of a turn. */
export type Outcome<Result> =
  | { readonly status: 'returned'; readonly value: Result }
  | { readonly status: 'threw'; readonly error: unknown }

/** A turn that was played with the handler. */
export interface Played<Result> {
  readonly outcome: Outcome<Result>
  readonly traces: readonly FinishedTrace[]
  /** The first trace, its tree and all of them. */
  readonly trace: FinishedTrace
  readonly tree: string
  readonly trees: readonly string[]
}

/** What a turn is played with. Without the handler the callbacks are empty; the client is there all the same. */
export interface Stage {
  readonly callbacks: NonNullable<Callbacks> & unknown[]
  readonly client: TruLayer
}

/* What holds of every trace, whatever it tells. */
function expectSound(trace: FinishedTrace): void {
  const wire = JSON.stringify(toWireTrace(trace))
  expect(traceProblem(JSON.parse(wire))).toBeUndefined()
  expect(wire).not.toContain('sk-secret')
  const spans = new Map(trace.spans.map((span) => [span.id, span]))
  expect(spans.size).toBe(trace.spans.length)
  for (const span of trace.spans) {
    const above = span.parentId === undefined ? trace : spans.get(span.parentId)
    expect(above?.startedAt).toBeLessThanOrEqual(span.startedAt)
    expect(span.endedAt).toBeGreaterThanOrEqual(span.startedAt)
    expect(span.endedAt).toBeLessThanOrEqual(trace.endedAt)
  }
}

/** A client that records for tests. */
export function testClient(): TruLayer {
  return new TruLayer({ apiKey: 'tl_test', exitHooks: false })
}

/** Catches the traces of a client until the test is over. */
export function captureOf(client: TruLayer): TraceCapture {
  const capture = captureTraces({ client })
  onTestFinished(() => capture.stop())
  return capture
}

/** How a turn is played. */
export interface PlayOptions extends TruLayerCallbackHandlerOptions {
  /** How many runs come after their trace has left. @defaultValue 0 */
  readonly late?: number | undefined
  /** Attaches in another way than by callbacks, which are empty then. Returns what undoes it. */
  readonly attach?: ((client: TruLayer) => () => void) | undefined
}

/**
 * Plays a turn without the handler and with it, and holds that the host sees the same both times, that no run is left open,
 * that each trace is sound and what the service takes, and that we write nothing to the console.
 */
export async function play<Result>(
  turn: (stage: Stage) => Promise<Result>,
  { late = 0, attach, ...options }: PlayOptions = {},
): Promise<Played<Result>> {
  const spies = (['debug', 'log', 'info', 'warn', 'error'] as const).map((method) =>
    vi.spyOn(console, method),
  )
  const { client, traces, settled } = collectingClient()
  const handler = new TruLayerCallbackHandler({ client, ...options })
  const bare = await settle(() => turn({ callbacks: [], client: new TruLayer({ mode: 'off' }) }))
  const detach = attach?.(client)
  const callbacks = attach === undefined ? [handler] : []
  const outcome = await settle(() => turn({ callbacks, client }))
  detach?.()
  await settled()
  expect(comparable(outcome)).toBe(comparable(bare))
  expect(client.stats().traces).toMatchObject({ open: 0, late })
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalledWith(expect.stringContaining('[trulayer]'))
    spy.mockRestore()
  }
  expect(callbacks).toEqual(attach === undefined ? [handler] : [])
  traces.forEach(expectSound)
  const trees = traces.map(spanTree)
  const [trace] = traces
  if (trace === undefined) {
    throw new Error('no trace')
  }
  return { outcome, traces, trace, tree: trees[0] ?? '', trees }
}

/** The span of that name, the first of several. */
export function spanNamed(trace: FinishedTrace, name: string): FinishedSpan {
  const span = trace.spans.find((candidate) => candidate.name === name)
  if (span === undefined) {
    throw new Error(`no span ${name} in ${spanTree(trace)}`)
  }
  return span
}

/** Everything that a stream gives. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of stream) {
    items.push(item)
  }
  return items
}

async function settle<Result>(turn: () => Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { status: 'returned', value: await turn() }
  } catch (error) {
    return { status: 'threw', error }
  }
}

const RANDOM_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b/g

/* As JSON without ids, which are new in every run. */
function comparable(outcome: Outcome<unknown>): string {
  const text = JSON.stringify(outcome, (_key, value: unknown) =>
    value instanceof Error
      ? { class: value.constructor.name, name: value.name, message: value.message }
      : value,
  )
  return text.replaceAll(RANDOM_ID, '<id>')
}
