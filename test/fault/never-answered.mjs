import assert from 'node:assert/strict'

import { drive, flushOn, onClock, record, until, words } from './harness.mjs'

const MIB = 1024 * 1024
const TIMEOUT = 10_000

/** What holds whenever requests are accepted and get no whole answer. */
export async function neverAnswered({ service, clientsOf }, reply) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  const client = clients.make({ maxQueueBytes: 4 * MIB, redact: false })
  // After a first answer four requests may be open.
  await record(client, 0, 1)
  await flushOn(clock, client)
  await service.rules({ reply })

  await record(client, 1, 2001, { input: words(4000) })
  await service.until(({ hanging }) => hanging === 4)
  const { traces } = client.stats()
  assert.equal(traces.inFlight, 200)
  assert.deepEqual(Object.keys(traces.dropped), ['overflow'])
  const kept = traces.queued + traces.inFlight
  assert.ok(kept > 700 && kept < 1200, `${kept} are kept`)

  clock.advance(TIMEOUT - 1000)
  assert.equal((await service.seen()).hanging, 4)
  // A flush ends when its time is over, with the requests still open.
  let flushed
  const flushing = client.flush({ timeout: 500 }).then((result) => (flushed = result))
  await until(() => {
    clock.advance(20)
    return flushed !== undefined
  })
  await flushing
  assert.equal(flushed.pending, kept)
  assert.equal(client.stats().traces.inFlight, 200)

  clock.advance(1000)
  await service.until(({ hanging }) => hanging <= 1)
  await until(() => client.stats().traces.inFlight <= 50)
  // One request at a time as long as it lasts, each until its timeout.
  for (let round = 0; round < 3; round += 1) {
    const before = client.stats().requests
    await drive(clock, client, () => client.stats().requests > before)
    await service.until(({ hanging }) => hanging === 1)
    clock.advance(TIMEOUT + 1)
    await until(() => client.stats().traces.inFlight === 0)
  }
  assert.equal((await service.seen()).mostOpen, 4)

  await service.rules()
  await drive(clock, client, () => client.stats().traces.sent === kept + 1)
  assert.equal((await service.seen()).stored, kept + 1)
}
