import { vi } from 'vitest'
import { TruLayer } from '../src/client/client.ts'
import { internalsOf } from '../src/client/client-internals.ts'
import type { TruLayerOptions } from '../src/client/options.ts'
import type { Recorder } from '../src/record/recorder.ts'
import { captureTraces, type TraceCapture } from '../src/testing/index.ts'

/** A client that delivers nowhere, its recorder, and what it recorded. */
export function recording(options: TruLayerOptions = {}): {
  client: TruLayer
  recorder: Recorder
  capture: TraceCapture
} {
  const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false, ...options })
  return { client, recorder: internalsOf(client).recorder, capture: captureTraces({ client }) }
}

/** What `use` wrote to a logger. */
export function collectLog(): { lines: string[]; logger: NonNullable<TruLayerOptions['logger']> } {
  const lines: string[] = []
  const write = (message: string): void => {
    lines.push(message)
  }
  return { lines, logger: { debug: write, warn: write, error: write } }
}

/** Resolves when `check` does not throw any more. Whoever waits long has a machine that is busy. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 25_000, interval: 5 })
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
