import assert from 'node:assert/strict'

import { deliver, drive, onClock, record, until } from '../harness.mjs'

export const what = '500, 500, 201: the same bytes each time, after waits that differ'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  await service.rules({ reply: { kind: 'answer', status: 500 }, attempts: 2 })
  const client = clients.make()
  await record(client, 0, 150)
  assert.equal(await deliver(client, clock), 150)
  const { requests } = await service.seen()
  assert.equal(requests.length, 9)
  const batches = Map.groupBy === undefined ? group(requests) : Map.groupBy(requests, batchOf)
  for (const attempts of batches.values()) {
    assert.deepEqual(attempts.map(({ attempt }) => attempt).toSorted(), [1, 2, 3])
    assert.equal(new Set(attempts.map(({ hash }) => hash)).size, 1)
  }

  // 200 programs that lost the service together: their waits are spread evenly (Kolmogorov and Smirnov).
  const waits = []
  await service.rules({ reply: { kind: 'answer', status: 500 }, attempts: 1 })
  for (let index = 0; index < 200; index += 1) {
    const other = clients.make({ flushInterval: 0 })
    await record(other, 1000 + index, 1001 + index)
    clock.advance(0)
    await until(() => other.stats().state === 'waiting')
    waits.push(await drive(clock, other, () => other.stats().traces.sent === 1))
    await other.shutdown()
  }
  const sorted = waits.toSorted((one, other) => one - other)
  // Below 50 ms nobody waits, so what would be shorter is that long.
  const distances = sorted.map((wait, index) =>
    wait <= 50.5 ? 0 : Math.abs((index + 0.5) / waits.length - wait / 500),
  )
  assert.ok(sorted.at(-1) <= 501)
  assert.ok(Math.max(...distances) < 1.63 / Math.sqrt(waits.length), `${Math.max(...distances)}`)
}

const batchOf = ({ batch }) => batch

function group(requests) {
  const groups = new Map()
  for (const request of requests) {
    groups.set(request.batch, [...(groups.get(request.batch) ?? []), request])
  }
  return groups
}
