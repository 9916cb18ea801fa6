import assert from 'node:assert/strict'

import { drive, onClock, record, until } from '../harness.mjs'

export const what =
  'Retry-After as a date, as nonsense, as days: at least 1 s, at most 5 or 15 minutes'

const CASES = [
  // The service says what its own clock shows, so a wrong one of ours does no harm.
  [
    { date: 'Sun, 01 Nov 2026 12:00:00 GMT', 'retry-after': 'Sun, 01 Nov 2026 12:00:20 GMT' },
    20,
    22,
  ],
  [{ 'retry-after': '0' }, 1, 1.1],
  [{ 'retry-after': '-1' }, 1, 1.1],
  [{ 'retry-after': 'abc' }, 1, 1.1],
  [{ 'retry-after': '7.5' }, 7.5, 8.25],
  // No rate limit asks for so much: a quota, which is asked about every 15 minutes.
  [{ 'retry-after': '86400' }, 900, 990],
  [{ 'retry-after': '600' }, 270, 300],
  [{ 'x-ratelimit-reset': '30' }, 30, 33],
  [{}, 1, 1.1],
]

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  for (const [index, [headers, least, most]] of CASES.entries()) {
    const client = clients.make({ flushInterval: 0 })
    await service.rules({ reply: { kind: 'answer', status: 429, headers }, times: 1 })
    await record(client, index, index + 1)
    clock.advance(0)
    await until(() => client.stats().state === 'waiting')
    const waited = await drive(clock, client, () => client.stats().traces.sent === 1)
    const name = JSON.stringify(headers)
    assert.ok(waited >= least * 1000 - 1, `${waited} ms for ${name}`)
    assert.ok(waited <= most * 1000 + 1, `${waited} ms for ${name}`)
    await client.shutdown()
  }
}
