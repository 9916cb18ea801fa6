import assert from 'node:assert/strict'

import { drive, KEY, onClock, record, runProgram, until } from '../harness.mjs'

export const what =
  "a platform's waitUntil is used; what a freeze cut off is sent once more at most"

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const clients = clientsOf(core)
  let number = 0
  for (const name of ['@vercel/request-context', '@next/request-context']) {
    const promises = []
    const context = { waitUntil: (promise) => promises.push(promise) }
    globalThis[Symbol.for(name)] = { get: () => context }
    const client = clients.make()
    await record(client, number, number + 1)
    assert.equal(promises.length, 1, name)
    let isSettled = false
    void promises[0].then(() => (isSettled = true))
    const took = await drive(clock, client, () => isSettled)
    assert.ok(took <= 10_000)
    assert.equal(client.stats().traces.sent, 1)
    number += 1

    // With a service that hangs the promise still settles in time.
    await service.rules({ reply: { kind: 'hang' }, times: 1 })
    await record(client, number, number + 1)
    isSettled = false
    void promises[1].then(() => (isSettled = true))
    await service.until(({ hanging }) => {
      clock.advance(10)
      return hanging === 1
    })
    const began = clock.now
    await until(() => {
      clock.advance(250)
      return isSettled
    })
    assert.ok(clock.now - began <= 11_000, `${clock.now - began} ms`)
    delete globalThis[Symbol.for(name)]
    await service.rules()
    clock.advance(1000)
    await drive(clock, client, () => client.stats().traces.sent === 2)
    number += 1
  }
  await leap({ service, clock, clients })
  await freeze({ service })
}

/* The machine sleeps with a request open: that the timeout came late says nothing about the service. */
async function leap({ service, clock, clients }) {
  const client = clients.make({ flushInterval: 0 })
  await service.rules({ reply: { kind: 'hang' }, times: 1 })
  await record(client, 100, 101)
  clock.advance(0)
  await service.until(({ hanging }) => hanging === 1)
  clock.leap(30_000)
  await until(() => client.stats().traces.sent === 1)
  assert.deepEqual([client.stats().requests, client.problems.length], [2, 0])
}

/* The same with a process that is really stopped. */
async function freeze({ service }) {
  await service.rules({ reply: { kind: 'hang' }, times: 1 })
  const before = await service.seen()
  const options = { apiKey: KEY, endpoint: service.url, timeout: 500, flushInterval: 0 }
  const onLine = (line, child) => {
    if (line !== 'recorded') return
    void service
      .until(({ hanging }) => hanging === 1)
      .then(() => child.kill('SIGSTOP'))
      .then(() => setTimeout(() => child.kill('SIGCONT'), 3000))
  }
  const end = await runProgram('frozen', { options }, { onLine })
  assert.equal(end.status, 0, end.stderr)
  const { traces } = JSON.parse(end.stdout.trim().split('\n').at(-1))
  const after = await service.seen()
  assert.deepEqual([traces.sent, after.stored - before.stored], [1, 1])
  assert.ok(after.requests.length - before.requests.length <= 3)
}
