import assert from 'node:assert/strict'

import { deliver, flushOn, onClock, record } from '../harness.mjs'

export const what =
  'connections that break, close, resolve to nothing or speak no TLS: nothing is lost'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  const client = clients.make()
  await record(client, 0, 50)
  await deliver(client, clock)
  // One that was kept open and is closed when it is used again costs neither a wait nor an attempt.
  await service.rules({ reply: { kind: 'reset' }, times: 1 })
  await record(client, 50, 51)
  assert.equal(await deliver(client, clock), 1)
  assert.equal(client.stats().retries, 0)

  for (const kind of ['reset', 'cut']) {
    await service.rules({ reply: { kind }, times: 3 })
    const { stored } = await service.seen()
    await record(client, stored, stored + 120)
    assert.equal(await deliver(client, clock), 120, kind)
  }

  let asked = 0
  const resolving = clients.make({
    fetch: (...parameters) => {
      asked += 1
      const cause = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })
      return asked <= 2
        ? Promise.reject(new TypeError('fetch failed', { cause }))
        : fetch(...parameters)
    },
  })
  await record(resolving, 1000, 1050)
  assert.equal(await deliver(resolving, clock), 50)
  assert.equal(asked, 3)

  // Nobody there speaks TLS.
  const tls = clients.make({ endpoint: service.url.replace('http:', 'https:') })
  await record(tls, 2000, 2010)
  const { delivered, pending, dropped } = await flushOn(clock, tls, { timeout: 5000 })
  assert.deepEqual([delivered, pending, dropped], [0, 10, 0])
  assert.equal(tls.stats().state, 'waiting')
}
