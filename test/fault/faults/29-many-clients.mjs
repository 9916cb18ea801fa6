import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

import * as core from '@trulayer/core'

import { KEY, LONG, record, sumOf } from '../harness.mjs'

export const what =
  '10,000 clients leave nothing behind; two copies share their hooks; every promise ends'

const EVENTS = ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'SIGHUP']
const count = () => EVENTS.map((event) => process.listenerCount(event))

export async function short({ service, clientsOf }) {
  const before = count()
  const copies = [core, createRequire(import.meta.url)('@trulayer/core')]
  const options = { apiKey: KEY, endpoint: service.url, mode: 'local' }
  for (let round = 0; round < 100; round += 1) {
    const clients = Array.from(
      { length: 100 },
      (_, index) => new copies[index % 2].TruLayer(options),
    )
    await Promise.all(clients.map((client) => client.trace('turn', () => 1)))
    assert.deepEqual(
      count(),
      before.map((number) => number + 1),
    )
    await Promise.all(clients.map((client) => client.shutdown()))
  }
  assert.deepEqual(count(), before)

  // 300 batches that wait at a flush, which several ask for at once.
  const clients = clientsOf(core)
  const client = clients.make({ batchSize: 1, flushInterval: 60_000 })
  await service.rules({ reply: { kind: 'take' }, latency: 5 })
  await record(client, 0, 300)
  const flushes = await Promise.all([client.flush(LONG), client.flush(LONG), client.flush(LONG)])
  assert.deepEqual(
    flushes.map(({ pending }) => pending),
    [0, 0, 0],
  )
  const { stored, mostOpen } = await service.seen()
  assert.equal(stored, 300)
  assert.ok(mostOpen <= 4)

  // A shutdown during a flush, a second one, and a trace after both.
  await record(client, 300, 350)
  const ends = [client.flush(LONG), client.shutdown(LONG), client.flush(LONG), client.shutdown()]
  for (const { pending, dropped } of await Promise.all(ends)) assert.equal(pending + dropped, 0)
  await record(client, 350, 360)
  const { traces, state } = client.stats()
  assert.deepEqual([traces.sent, state], [350, 'closed'])
  assert.equal(traces.recorded, traces.sent + sumOf(traces.dropped))
}
