/*
 * One system alone, with its defaults, under a load that the parent names. It reports what the host would notice: memory,
 * the longest time that the event loop stood still, how long closing takes.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import { systems } from './systems.mjs'

const SLICE = 10

const [name, url, folder] = process.argv.slice(2)
const system = await systems[name](url, folder)
const delay = monitorEventLoopDelay({ resolution: 1 })
let peak = 0
let number = 0

function watchMemory() {
  peak = Math.max(peak, process.memoryUsage.rss())
}
setInterval(watchMemory, 50).unref()

/* As many as the clock asks for, in slices, as a server that answers requests; what a stall delays is caught up with. */
async function offer(rate, seconds) {
  const started = performance.now()
  const total = rate * seconds
  let offered = 0
  while (offered < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
    for (; offered < due; offered += 1) told()
    // A system that stalls the program makes it offer less, and is not waited for without end.
    if (performance.now() - started > seconds * 1500) break
    await sleep(SLICE)
  }
}

function burst(count) {
  for (let index = 0; index < count; index += 1) told()
}

function told() {
  try {
    const traced = system.trace(number)
    if (traced !== undefined) traced.catch(() => {})
  } catch {
    // Counted as lost by the sink.
  }
  number += 1
}

async function close(budget) {
  const started = performance.now()
  const over = new AbortController()
  const closing = (async () => {
    try {
      await system.flush()
    } catch {
      // Some reject when they lost something.
    }
    try {
      await system.close()
    } catch {
      // The same.
    }
    return 'closed'
  })()
  const late = sleep(budget, 'late', { signal: over.signal }).catch(() => 'late')
  const outcome = await Promise.race([closing, late])
  over.abort()
  return { ms: performance.now() - started, isLate: outcome === 'late' }
}

process.on('message', (message) => void obey(message))

async function obey({ kind, rate, seconds, count, budget }) {
  if (kind === 'offer') await offer(rate, seconds)
  if (kind === 'burst') burst(count)
  if (kind === 'start') {
    watchMemory()
    delay.enable()
  }
  const closed = kind === 'close' ? await close(budget) : undefined
  watchMemory()
  process.send({
    number,
    peak: peak / 1024 / 1024,
    stall: delay.max / 1e6,
    closed,
    cpu: process.cpuUsage(),
  })
}

process.on('unhandledRejection', () => {})
process.on('disconnect', () => process.exit())

process.send({ ready: true })
