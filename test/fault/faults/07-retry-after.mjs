import assert from 'node:assert/strict'

import { flushOn, offerOn, onClock } from '../harness.mjs'

export const what = '429 with Retry-After for 15 s: no request before its time, nothing is lost'

export async function short({ service, clientsOf }) {
  const { clock, core } = await onClock()
  const client = clientsOf(core).make()
  const limited = { kind: 'answer', status: 429, headers: { 'retry-after': '5' } }
  await service.rules({ reply: limited })
  const times = []
  let number = 0
  for (let passed = 0; passed < 15_000; passed += 500) {
    number = await offerOn(clock, client, { from: number, rate: 100, seconds: 0.5, step: 50 })
    while (times.length < client.stats().requests) times.push(clock.now)
  }
  assert.ok(times.length >= 2 && times.length <= 4, `${times.length} requests`)
  for (const [index, time] of times.entries()) {
    const gap = time - (times[index - 1] ?? Number.NEGATIVE_INFINITY)
    assert.ok(gap >= 4500, `${gap} ms between two requests, looked at each 500 ms`)
  }
  await service.rules()
  assert.equal((await flushOn(clock, client)).dropped, 0)
  assert.equal((await service.seen()).stored, number)
}
