import assert from 'node:assert/strict'

import { LONG, offer, onClock, record, sleep, sumOf, until, words } from '../harness.mjs'

export const what =
  'a service that does everything wrong now and then: all arrives, each trace once'

const answer = (status, headers = {}) => ({ kind: 'answer', status, headers })
const ODDS = [
  { part: 0.05, reply: answer(500) },
  { part: 0.03, reply: answer(429, { 'retry-after': '2' }) },
  { part: 0.02, reply: { kind: 'reset' } },
  { part: 0.01, reply: answer(413) },
  { part: 0.02, reply: { kind: 'take-and', reply: { kind: 'reset' } } },
  { part: 0.005, reply: { kind: 'hang' } },
]

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make({ batchSize: 5 })
  // More of everything but the 500s, of which a batch must not meet many while others are taken.
  const odds = ODDS.map(({ part, reply }) => ({ part: part < 0.05 ? part * 4 : part, reply }))
  await service.rules({ reply: { kind: 'chaos', seed: 11, latency: 10, odds } })
  const total = 1500
  for (let number = 0; number < total; number += 100) {
    await record(client, number, number + 100, { input: words(number % 3 === 0 ? 20_000 : 500) })
    await settle(clock, client, service)
  }
  await service.rules()
  await until(async () => {
    await settle(clock, client, service)
    return client.stats().traces.queued === 0
  })
  const { traces, retries } = client.stats()
  // A single trace that is told to be too large once is one that the service does not take.
  const { too_large: tooLarge = 0, ...others } = traces.dropped
  assert.deepEqual([traces.sent + tooLarge, others], [total, {}])
  assert.ok(retries > 20, `${retries} retries`)
  // One of those may have been stored by an attempt whose answer was lost.
  const { stored } = await service.seen()
  assert.ok(stored >= traces.sent && stored <= traces.sent + tooLarge, `${stored} are stored`)
}

/* On until nothing is under way but what hangs, which is given up. */
async function settle(clock, client, service) {
  for (let step = 0; step < 40; step += 1) {
    const { inFlight } = client.stats().traces
    const { open, hanging } = await service.seen()
    if (inFlight === 0 || open === hanging) clock.advance(Math.min(clock.wait, 10_001))
    await sleep(1)
  }
}

/** Ten minutes of it by the real clock, with a blackout each minute. */
export async function long({ service, clientsOf }) {
  const core = await import('@trulayer/core')
  const client = clientsOf(core).make({ maxQueueBytes: 512 * 1024 * 1024, redact: false })
  const rules = { reply: { kind: 'chaos', seed: 5, latency: 3000, odds: ODDS } }
  await service.rules(rules)
  const memory = []
  let number = 0
  for (let minute = 0; minute < 10; minute += 1) {
    const sizes = { input: words(1000 * 2 ** (minute % 4)) }
    number = await offer(client, { from: number, rate: 200, seconds: 50, ...sizes })
    await record(client, number, number + 5, { input: words(2_000_000) })
    number += 5
    await service.close()
    number = await offer(client, { from: number, rate: 200, seconds: 10, ...sizes })
    await service.open()
    await service.rules(rules)
    globalThis.gc?.()
    memory.push(process.memoryUsage().rss / 1024 / 1024)
    console.log(
      `minute ${minute}: ${Math.round(memory.at(-1))} MB, ${JSON.stringify(client.stats())}`,
    )
  }
  await service.rules()
  await until(async () => (await client.flush(LONG)).pending === 0)
  const { traces } = client.stats()
  const { too_large: tooLarge = 0, ...others } = traces.dropped
  assert.deepEqual([traces.sent + sumOf(traces.dropped), others], [number, {}])
  assert.equal((await service.seen()).stored, traces.sent)
  assert.ok(tooLarge < number / 100, `${tooLarge} were dropped as too large`)
  await client.shutdown(LONG)
}
