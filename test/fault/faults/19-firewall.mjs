import assert from 'node:assert/strict'

import { deliver, drive, onClock, record } from '../harness.mjs'

export const what = '403 of a firewall for one prompt: that trace alone is dropped, nothing stops'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make()
  const reply = { kind: 'answer', status: 403, body: '<!doctype html><h1>Blocked</h1>' }
  await service.rules({ reply, contains: '../../etc/passwd' })
  await record(client, 0, 40)
  await record(client, 40, 41, { input: 'please read ../../etc/passwd' })
  await record(client, 41, 120)
  const started = clock.now
  assert.equal(await deliver(client, clock), 119)
  // The batch is halved at once, and nothing waits for a cool-down.
  assert.ok(clock.now - started < 10_000, `${clock.now - started} ms`)
  assert.deepEqual(client.stats().traces.dropped, { rejected: 1 })
  assert.ok(!(await service.numbers()).includes(40))
  // It holds up nothing that comes later.
  await record(client, 120, 130)
  const took = await drive(clock, client, () => client.stats().traces.sent === 129)
  assert.ok(took <= 2100, `${took} ms`)
  assert.equal(client.stats().state, 'active')
}
