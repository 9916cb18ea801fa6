import assert from 'node:assert/strict'

import { drive, onClock, record, until } from '../harness.mjs'

export const what =
  'redirects and the page of a portal: nothing counts as delivered, no key goes astray'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  const headers = { location: `${service.elsewhereUrl}/v1/ingest/batch` }
  const replies = [
    ...[301, 302, 307, 308].map((status) => ({ kind: 'answer', status, headers })),
    { kind: 'answer', status: 200, body: '<html>Sign in to the network</html>' },
  ]
  let number = 0
  for (const reply of replies) {
    const client = clients.make()
    await service.rules({ reply })
    const before = (await service.seen()).requests.length
    await record(client, number, number + 50)
    clock.advance(2000)
    await until(() => client.stats().state === 'waiting' && client.problems.length > 0)
    // The batch and its halves, and then nothing for a minute, whatever the clock of a flush says.
    const asked = (await service.seen()).requests.length - before
    assert.ok(asked <= 3, `${asked} requests`)
    clock.advance(50_000)
    assert.equal((await service.seen()).requests.length - before, asked)
    assert.deepEqual(client.stats().traces.dropped, {})
    assert.equal(client.stats().traces.sent, 0)
    await service.rules()
    await drive(clock, client, () => client.stats().traces.sent === 50)
    number += 50
  }
  const { stored, elsewhere, keysElsewhere } = await service.seen()
  assert.deepEqual([stored, elsewhere, keysElsewhere], [number, 0, 0])
}
