import assert from 'node:assert/strict'

import { drive, flushOn, onClock, record, until } from '../harness.mjs'

export const what = 'two targets: one that hangs or fails holds up nothing of the other'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  const never = new Promise(() => {})
  const targets = {
    hangs: { export: () => never, flush: () => never, shutdown: () => never },
    throws: {
      export() {
        throw new Error('no such target')
      },
      flush: () => Promise.reject(new Error('no flush')),
    },
  }
  let number = 0
  for (const [name, target] of Object.entries(targets)) {
    const client = clients.make({ exporters: [target] })
    await record(client, number, number + 100)
    // On its own, with nobody who flushes: within the interval.
    const took = await drive(clock, client, () => client.stats().traces.sent === 100)
    assert.ok(took <= 2100, `${name}: ${took} ms`)
    number += 100
    let flushed
    const flushing = client.flush({ timeout: 3000 }).then((result) => (flushed = result))
    await until(() => {
      clock.advance(100)
      return flushed !== undefined
    })
    await flushing
    assert.equal(flushed.pending, 0)
  }

  // The other way round: ours hangs, and the other gets all of it at once.
  const got = []
  const client = clients.make({ exporters: [{ export: (traces) => void got.push(...traces) }] })
  await service.rules({ reply: { kind: 'hang' } })
  await record(client, number, number + 100)
  await until(() => got.length === 100)
  assert.equal(client.stats().traces.sent, 0)
  clock.advance(2000)
  await service.until(({ hanging }) => hanging === 1)
  await service.rules()
  clock.advance(10_001)
  assert.equal((await flushOn(clock, client)).pending, 0)
  assert.equal(client.stats().traces.sent, 100)
}
