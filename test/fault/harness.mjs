/* What the scripts of the faults share. Nothing here depends on a runtime, or on how fast the machine is. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { request } from 'node:http'

import { loadOnClock } from './clock.mjs'

/* Nothing takes this long but what never comes. */
const PATIENCE = 90_000
const POLL = 10
/* Kept, that is; an outage tells of many thousands. */
const MOST_PROBLEMS = 100

export const KEY = 'tl_0123456789abcdef'
/** What a test that waits for delivery waits at most, for `flush` and `shutdown`. */
export const LONG = { timeout: 60_000 }

/** Resolves after so many real milliseconds. */
export function sleep(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

/** Resolves when `check` answers something true, with that. */
export async function until(check, what = String(check)) {
  const end = performance.now() + PATIENCE
  for (;;) {
    const answer = await check()
    if (answer) return answer
    assert.ok(performance.now() < end, `never came: ${what}`)
    await sleep(POLL)
  }
}

/** The service, over its control port. */
export function connect(control) {
  const ask = (path, body) =>
    new Promise((resolve, reject) => {
      // Not with `fetch`, whose own timers would be taken for the package's where a clock stands in for theirs.
      const asking = request(control + path, { method: 'POST', agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve(JSON.parse(text)))
      })
      asking.on('error', reject)
      asking.end(JSON.stringify(body ?? null))
    })
  const service = {
    rules: (...rules) => ask('/rules', rules),
    /** Nobody listens any more, or somebody again. */
    close: () => ask('/close'),
    open: () => ask('/open'),
    seen: () => ask('/seen'),
    /** The numbers of the traces that it stored, in order. */
    numbers: async () => (await ask('/ids')).map(numberOf).toSorted((one, other) => one - other),
    /** The latest traces that it stored, as they came. */
    texts: () => ask('/texts'),
    until: (check) => until(async () => check(await service.seen()), String(check)),
  }
  return service
}

/** The id of the trace with this number. */
export function idOf(number) {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

function numberOf(id) {
  return Number.parseInt(id.slice(-12), 16)
}

/** About so many bytes of text as a person writes it. */
export function words(bytes) {
  const sentence = 'The order left on Monday; delivery is planned for Thursday before noon. '
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes)
}

/** Records traces number `from` up to but not including `to`, each with one span, until they wait to be sent. */
export async function record(client, from, to, options = {}) {
  const traces = []
  for (let number = from; number < to; number += 1) {
    const { input = `question ${number}`, fails = () => false, ...rest } = options
    const work = (trace) =>
      trace.span('answer', { type: 'llm', input: 'now' }, (span) => {
        if (fails(number)) span.setError(new Error('the model failed'))
        return 'answered'
      })
    traces.push(client.trace('turn', work, { id: idOf(number), input, ...rest }))
  }
  await Promise.all(traces)
  await until(() => {
    const { recorded, sampledOut } = client.stats().traces
    return client.prepared.count + sampledOut >= recorded
  }, 'the policy')
}

/** Clients of the package, whose accounts are looked at all the time. */
export function createClients(core, service) {
  const watched = []
  const check = () => {
    for (const client of watched) checkAccount(client)
  }
  // It keeps the process alive too, which clocks of ours do not.
  const watching = setInterval(check, 5)
  return {
    /** A client of the service, with what it said. */
    make(options = {}) {
      const lines = []
      const problems = []
      const write = (level) => (text) => lines.push(`${level}: ${text}`)
      const client = new core.TruLayer({
        apiKey: KEY,
        endpoint: service.url,
        exitHooks: false,
        logger: { debug() {}, warn: write('warn'), error: write('error') },
        ...options,
      })
      const told = { dropped: 0 }
      client.onError((problem) => {
        told.dropped += problem.dropped
        if (problems.length < MOST_PROBLEMS) problems.push(problem)
      })
      const prepared = { count: 0 }
      client.onTrace(() => (prepared.count += 1))
      watched.push(client)
      return Object.assign(client, { lines, problems, told, prepared, delivered: 0 })
    },
    check,
    end() {
      clearInterval(watching)
      check()
    },
  }
}

export function sumOf(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** recorded + recovered = sampledOut + sent + dropped + queued + inFlight + spooled */
function checkAccount(client) {
  const { traces } = client.stats()
  const { recorded, recovered, sampledOut, sent, dropped, queued, inFlight, spooled } = traces
  const known = sampledOut + sent + sumOf(dropped) + queued + inFlight + spooled
  assert.equal(recorded + recovered, known, `the account is wrong: ${JSON.stringify(traces)}`)
}

/** Loads the package with a clock that only `drive` and the script move. */
export async function onClock() {
  const { clock, loaded } = await loadOnClock(() => import('@trulayer/core'))
  return { clock, core: loaded }
}

/**
 * Moves the clock from one timer to the next, as long as no answer is waited for that will come, until `isDone`.
 *
 * @returns by how much it was moved
 */
export async function drive(clock, client, isDone) {
  const started = clock.now
  await until(async () => {
    for (let step = 0; step < 50; step += 1) {
      if (isDone()) return true
      if (client.stats().traces.inFlight > 0 || !Number.isFinite(clock.wait)) return false
      clock.advance(clock.wait)
      await sleep(0)
    }
    return false
  }, String(isDone))
  return clock.now - started
}

/** Flushes on a clock, which is moved as far as it takes. */
export async function flushOn(clock, client, options = { timeout: 3_600_000 }) {
  let result
  const flushed = client.flush(options).then((answer) => (result = answer))
  await drive(clock, client, () => result !== undefined)
  await flushed
  return result
}

/**
 * Flushes until nothing is left.
 *
 * @returns how many traces were sent since the last time; some may have left before the flush began
 */
export async function deliver(client, clock) {
  const { pending } = await (clock === undefined ? client.flush(LONG) : flushOn(clock, client))
  assert.equal(pending, 0)
  const { sent } = client.stats().traces
  const { delivered } = client
  client.delivered = sent
  return sent - delivered
}

/** Offers traces at a rate of the clock, and waits for each answer that comes. */
export async function offerOn(clock, client, { from, rate, seconds, step = 100, ...options }) {
  let number = from
  for (let passed = 0; passed < seconds * 1000; passed += step) {
    const next = from + Math.round(((passed + step) * rate) / 1000)
    await record(client, number, next, options)
    number = next
    clock.advance(step)
    await sleep(0)
    await until(() => client.stats().traces.inFlight === 0, 'an answer')
  }
  return number
}

/** Offers traces at a rate of the real clock; what a stall delays is caught up with. */
export async function offer(client, { from, rate, seconds, ...options }) {
  const started = performance.now()
  let number = from
  let passed = 0
  while (passed < seconds) {
    passed = Math.min(seconds, (performance.now() - started) / 1000)
    const next = from + Math.floor(passed * rate)
    await record(client, number, next, options)
    number = next
    await sleep(10)
  }
  return number
}

/**
 * Runs a program of `programs/` in a process of its own on the same runtime, below the command `via` if there is one.
 *
 * @returns what it printed and how it ended
 */
export function runProgram(name, parameters, { onLine, via = [] } = {}) {
  const file = new URL(`./programs/${name}.mjs`, import.meta.url).pathname
  return new Promise((resolve) => {
    const [command, ...rest] = [...via, process.execPath, file, JSON.stringify(parameters)]
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => {
      stdout += text
      for (const line of String(text).split('\n')) if (line !== '') onLine?.(line, child)
    })
    child.stderr.on('data', (text) => (stderr += text))
    child.on('close', (code, signal) => {
      clearTimeout(tooLong)
      resolve({ stdout, stderr, status: signal ?? code })
    })
  })
}

/** Bytes in use after a collection; where a runtime lets nobody collect, what it says. */
export function heapUsed() {
  if (globalThis.Bun === undefined) globalThis.gc?.()
  else globalThis.Bun.gc(true)
  return process.memoryUsage().heapUsed
}
