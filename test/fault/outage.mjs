import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { LONG, offer, record, sleep, sumOf, until, words } from './harness.mjs'

const MIB = 1024 * 1024
const RATE = 1000
const SECONDS = 60
const RECOVERY = 30_000
const BOUND = 32 * MIB
const ROOM = 64 * MIB
const FIRST = 100
const input = words(4000)
const fails = (number) => number % 1000 === 7

/** Expects the newest, without a gap, and every one that failed. What was under way at the bound is not given up. */
export function checkKept(arrived, { offered, fails: isError, from = 0 }) {
  const errors = arrived.filter((number) => isError(number))
  const wanted = Array.from({ length: offered - from }, (_, index) => index + from).filter(isError)
  assert.deepEqual(errors, wanted, 'every trace with an error is kept')
  const others = arrived.filter((number) => !isError(number) && number >= from)
  const newest = Array.from({ length: offered - from }, (_, index) => index + from)
    .filter((number) => !isError(number))
    .slice(-others.length)
  const older = others.filter((number) => number < newest[0])
  assert.ok(others.length > older.length, 'the newest are kept')
  // At most the four batches that may be under way are older than the rest.
  const gap =
    others.length - older.length - newest.filter((number) => others.includes(number)).length
  assert.ok(older.length <= 200 && gap === 0, `${older.length} older ones were kept instead`)
}

/** A minute of an outage at 1000 traces a second of 4.5 KB, without a spool and then with one. */
export async function outage({ service, clientsOf }, fault) {
  // Not before, for a script that brings a clock of its own shares this file.
  const clients = clientsOf(await import('@trulayer/core'))
  await withoutSpool(service, clients, fault)
  await withSpool(service, clients, fault)
}

async function withoutSpool(service, clients, fault) {
  const client = clients.make({ maxQueueBytes: BOUND, redact: false })
  const offered = await suffer(client, service, fault, { from: 0 })
  const { traces } = client.stats()
  assert.deepEqual(Object.keys(traces.dropped), ['overflow'])
  const arrived = await service.numbers()
  assert.equal(arrived.length, traces.sent)
  assert.equal(traces.sent + traces.dropped.overflow, offered)
  assert.equal(client.told.dropped, traces.dropped.overflow, 'each drop is told')
  const bytes = (await service.texts()).at(-1).length
  const fit = Math.floor(BOUND / bytes)
  assert.ok(
    traces.sent - FIRST <= fit + 400 && traces.sent - FIRST >= fit - 400,
    `${traces.sent} of ${fit}`,
  )
  checkKept(
    arrived.filter((number) => number >= FIRST),
    { offered, fails, from: FIRST },
  )
  await client.shutdown(LONG)
}

async function withSpool(service, clients, fault) {
  const directory = await mkdtemp(join(tmpdir(), 'trulayer-fault-'))
  try {
    const spool = { directory, maxBytes: 1024 * MIB }
    const client = clients.make({ maxQueueBytes: BOUND, spool, redact: false })
    const before = (await service.seen()).stored
    const offered = await suffer(client, service, fault, { from: 100_000 })
    const { traces } = client.stats()
    assert.deepEqual([traces.sent, sumOf(traces.dropped)], [offered - 100_000, 0])
    assert.equal((await service.seen()).stored - before, offered - 100_000)
    await client.shutdown(LONG)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function suffer(client, service, fault, { from }) {
  await record(client, from, from + FIRST, { input })
  await client.flush(LONG)
  const start = heapUsed()
  await fault.begin(service)
  const offered = await offer(client, {
    from: from + FIRST,
    rate: RATE,
    seconds: SECONDS,
    input,
    fails,
  })
  const grown = heapUsed() - start
  console.log(`heap grew by ${Math.round(grown / MIB)} MiB`)
  assert.ok(grown <= BOUND + ROOM, `the heap grew by ${Math.round(grown / MIB)} MiB`)
  await fault.end(service)
  const recovered = performance.now()
  await until(() => {
    const { queued, inFlight, spooled } = client.stats().traces
    return queued + inFlight + spooled === 0
  })
  const took = performance.now() - recovered
  console.log(`delivered ${Math.round(took)} ms after the recovery`)
  assert.ok(took <= RECOVERY, `delivered ${Math.round(took)} ms after the recovery`)
  await sleep(0)
  return offered
}

/* Bytes in use after a collection; where a runtime lets nobody collect, what it says. */
function heapUsed() {
  if (globalThis.Bun === undefined) globalThis.gc?.()
  else globalThis.Bun.gc(true)
  return process.memoryUsage().heapUsed
}
