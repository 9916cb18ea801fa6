import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IngestReply } from '../../../../test/support/ingest-server.ts'
import { eventually, makeTrace, pause, startDelivery } from './support.ts'

/* What a service may do with a request: `undefined` leaves it to the real one. */
const replies: readonly (IngestReply | undefined)[] = [
  undefined,
  undefined,
  undefined,
  { status: 500 },
  { status: 503, headers: { 'retry-after': '0' } },
  { status: 429 },
  { status: 413 },
  { status: 400 },
  { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' },
  { status: 409 },
  { status: 201, body: { ingested: 0, ids: [] } },
  { status: 302, headers: { location: '/elsewhere' } },
  'reset',
  'hang',
]

type Step =
  | { readonly kind: 'export'; readonly count: number; readonly hasError: boolean }
  | { readonly kind: 'pause' | 'flush'; readonly milliseconds: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('export' as const),
      count: fc.integer({ min: 1, max: 40 }),
      hasError: fc.boolean(),
    }),
    fc.record({
      kind: fc.constantFrom('pause' as const, 'flush' as const),
      milliseconds: fc.integer({ min: 0, max: 12 }),
    }),
  ),
  { minLength: 1, maxLength: 12 },
)

test('recorded = sent + dropped + queued + in flight + spooled at every moment, whatever the service does', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(fc.nat({ max: replies.length - 1 }), { maxLength: 30 }),
      fc.boolean(),
      async (script, answers, hasSpool) => {
        const folder = await mkdtemp(join(tmpdir(), 'trulayer-account-'))
        const left = [...answers]
        try {
          // The account is checked at each request and each export (see `startDelivery`), and at the end.
          await using delivery = await startDelivery(
            { answer: () => replies[left.shift() ?? 0], validate: false },
            {
              maxQueueBytes: 20_000,
              batchSize: 7,
              flushInterval: 1,
              timeout: 20,
              ...(hasSpool ? { spool: { directory: folder, maxBytes: 30_000 } } : {}),
            },
            { backOff: 2, maxBackOff: 4, minPause: 2, coolDown: 3, maxCoolDown: 6 },
          )
          let index = 0
          for (const step of script) {
            if (step.kind === 'export') {
              const status = step.hasError ? { status: 'error' as const } : {}
              delivery.export(Array.from({ length: step.count }, () => makeTrace(index++, status)))
            } else if (step.kind === 'flush') {
              await delivery.exporter.flush({ timeout: step.milliseconds })
            } else {
              await pause(step.milliseconds)
            }
            delivery.checkAccount()
          }
          // With a service in its right mind all of it comes to an end.
          left.length = 0
          await eventually(() => {
            void delivery.exporter.flush({ timeout: 50 })
            delivery.checkAccount()
            const { queued, inFlight, spooled } = delivery.exporter.stats()
            expect({ queued, inFlight, spooled }).toEqual({ queued: 0, inFlight: 0, spooled: 0 })
          })
          const { sent, dropped } = delivery.exporter.stats()
          const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
          const ids = new Set(delivery.server.traces.map((trace) => trace.id))
          // What the script answered for the service alone (409) was never stored, and of what is given up some was, by
          // a request whose answer came too late.
          expect(ids.size).toBeLessThanOrEqual(sent + lost)
          expect(sent + lost).toBe(index)
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      },
    ),
    { numRuns: 30 },
  )
}, 60_000)
