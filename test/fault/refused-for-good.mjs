import assert from 'node:assert/strict'

import { deliver, onClock, record, until } from './harness.mjs'

/** What holds when the service itself says that it will never take anything. */
export async function refusedForGood({ service, clientsOf }, { status, body, reason }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  const client = clients.make()
  await service.rules({ reply: { kind: 'answer', status, body } })
  await record(client, 0, 500)
  clock.advance(2000)
  await until(() => client.stats().state === 'stopped')
  // Without a tick of the clock: there is nothing to wait for.
  assert.deepEqual(await client.flush(), { delivered: 0, pending: 0, dropped: 0 })
  await record(client, 500, 600)
  await client.flush()
  clock.advance(3_600_000)
  assert.deepEqual(client.stats().traces.dropped, { [reason]: 600 })
  assert.equal((await service.seen()).requests.length, 1)
  const errors = client.lines.filter((line) => line.startsWith('error:'))
  assert.equal(errors.length, 1, client.lines.join('\n'))
  assert.match(errors[0], /nothing is sent any more/)

  await service.rules()
  const other = clients.make({ apiKey: 'tl_another' })
  await record(other, 1000, 1010)
  assert.equal(await deliver(other, clock), 10)
}
