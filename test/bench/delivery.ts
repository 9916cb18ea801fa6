/**
 * Puts ours and the peers through the faults of a network, each alone in a fresh process with its defaults, and counts what
 * arrived. Losses, memory and stalls are what it shows; nothing here is asserted.
 *
 *     npm run bench:delivery                       # within 12 minutes
 *     npm run bench:delivery -- --quick            # shorter outages, within 3
 *     npm run bench:delivery -- --long             # the outages of a minute too
 *     npm run bench:delivery -- trulayer refused   # systems and scenarios by the beginning of their names
 *     npm run bench:delivery -- endings            # the ends of a process alone
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { temporaryFolder } from '../support/pack.ts'
import { nextMessage, startChild } from './contenders.ts'
import { endings, type Scenario, scenarios } from './delivery-scenarios.ts'
import { installPeers, versions } from './peers.ts'
import { digits, tableText } from './report.ts'
import { startSink } from './sink.ts'

const SPOOLED = 'trulayer spool'
const SYSTEMS = [
  'trulayer',
  SPOOLED,
  'opentelemetry',
  'langfuse',
  'posthog',
  'langsmith',
  'braintrust',
]
/* What is under way when a system says that it is closed may still arrive. */
const SETTLE = 800
/* Seconds in which a process that starts must have gone on with what an earlier one left on disk. */
const NEXT_START = 5
const ENDING_BUDGET = 15_000
const TRACES_AT_END = 33

interface LoadReply {
  readonly number: number
  readonly peak: number
  readonly stall: number
  readonly closed?: { readonly ms: number; readonly isLate: boolean }
}

/** What one system did in one scenario. */
interface Cell {
  readonly system: string
  readonly scenario: string
  readonly offered: number
  readonly lost: number
  readonly lostAfter: number
  readonly peakMB: number
  readonly stallMs: number
  readonly requests: number
  readonly requestsAtFault: number
  readonly mostOpen: number
  readonly closeMs: number
  readonly isLate: boolean
}

async function runScenario(system: string, scenario: Scenario): Promise<Cell> {
  using sink = await startSink()
  await using folder = await temporaryFolder()
  const child = startChild('load.mjs', [system, sink.url, folder.path])
  try {
    await nextMessage(child)
    const ask = (message: object): Promise<LoadReply> => {
      child.send(message)
      return nextMessage<LoadReply>(child)
    }
    // One trace before, for what a client asks first (a login, what the server can do) is not what is measured.
    const { number: first } = await ask({ kind: 'offer', rate: 10, seconds: 0.1 })
    await sleep(300)
    await sink.setFault(scenario.fault)
    await ask({ kind: 'start' })
    const { rate, seconds } = scenario
    const during = scenario.isBurst
      ? await ask({ kind: 'burst', count: rate * seconds })
      : await ask({ kind: 'offer', rate, seconds })
    // Faults that answer by the batch go on until the end; outages end.
    const endsEarly = scenario.after !== undefined
    if (endsEarly) await sink.setFault({ kind: 'none' })
    const { requests: atEndOfFault } = await sink.seen()
    const after =
      scenario.after === undefined ? during : await ask({ kind: 'offer', ...scenario.after })
    const end = await ask({ kind: 'close', budget: scenario.budget * 1000 })
    await sleep(SETTLE)
    if (system === SPOOLED) {
      child.kill('SIGKILL')
      await deliverSpool([system, sink.url, folder.path], async () => (await sink.seen()).requests)
    }
    const { whole } = await sink.seen({ from: first, to: during.number })
    const later = await sink.seen({ from: during.number })
    return {
      system,
      scenario: scenario.name,
      offered: during.number - first,
      lost: during.number - first - whole,
      lostAfter: after.number - during.number - later.whole,
      peakMB: end.peak,
      stallMs: end.stall,
      requests: later.requests,
      requestsAtFault: endsEarly ? atEndOfFault : later.atFault,
      mostOpen: later.mostOpen,
      closeMs: end.closed?.ms ?? 0,
      isLate: end.closed?.isLate ?? true,
    }
  } finally {
    child.kill('SIGKILL')
  }
}

/* What is on disk at the end is not lost: the next process delivers it, for as long as requests still come. */
async function deliverSpool(
  parameters: readonly string[],
  requests: () => Promise<number>,
): Promise<void> {
  const next = startChild('load.mjs', parameters)
  try {
    await nextMessage(next)
    let before = -1
    let now = await requests()
    while (now > before) {
      // One trace begins it, and then each of a little while: the next start of a program that is used.
      next.send({ kind: 'offer', rate: 1, seconds: NEXT_START })
      await nextMessage(next)
      before = now
      now = await requests()
      // The trace of each round is a request of its own.
      if (now - before <= NEXT_START) break
    }
  } finally {
    next.kill('SIGKILL')
  }
}

/** How many of 33 traces arrived, how many more with the next start where that may be, and how the process ended. */
async function runEnding(system: string, ending: string): Promise<string> {
  using sink = await startSink()
  await using folder = await temporaryFolder()
  const range = { from: 0, to: TRACES_AT_END }
  const end = async (how: string): Promise<string> => {
    const child = endingChild(system, [sink.url, folder.path, how])
    const tooLong = setTimeout(() => child.kill('SIGKILL'), ENDING_BUDGET)
    const [code, signal] = await once(child, 'exit')
    clearTimeout(tooLong)
    await sleep(SETTLE)
    return String(signal ?? code)
  }
  const status = await end(ending)
  const { whole } = await sink.seen(range)
  if (system !== SPOOLED) return `${whole} (${status})`
  await end('next start')
  const later = await sink.seen(range)
  return `${whole}${later.whole > whole ? ` +${later.whole - whole}` : ''} (${status})`
}

function endingChild(system: string, parameters: readonly string[]): ChildProcess {
  const children = join(import.meta.dirname, 'child')
  return fork(join(children, 'ending.mjs'), [system, ...parameters], {
    execArgv: ['--import', join(children, 'loopback-only.mjs')],
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function cellText(cell: Cell, scenario: Scenario): string {
  const after = cell.lostAfter > 0 ? ` +${cell.lostAfter}` : ''
  const late = cell.isLate ? ' T' : ''
  const lost = scenario.isHopeless ? '' : `${cell.lost}${after} / `
  return `${lost}${cell.requestsAtFault || cell.requests} / ${cell.peakMB.toFixed(0)} / ${digits(cell.stallMs)}${late}`
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const flags = new Set(args.filter((argument) => argument.startsWith('--')))
  const wanted = args.filter((argument) => !argument.startsWith('--'))
  const matching = <Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] => {
    const found = items.filter((item) => wanted.some((prefix) => nameOf(item).startsWith(prefix)))
    return found.length === 0 ? [...items] : found
  }
  await installPeers()
  const all = scenarios(flags.has('--quick')).filter(
    (scenario) => scenario.isLong !== true || flags.has('--long'),
  )
  const systems = matching(SYSTEMS, (name) => name)
  const withEndings = wanted.length === 0 || wanted.includes('endings')
  const isNamed = all.some(({ name }) => wanted.some((prefix) => name.startsWith(prefix)))
  const chosen =
    withEndings && wanted.length > 0 && !isNamed ? [] : matching(all, ({ name }) => name)
  const started = performance.now()

  const cells: Cell[] = []
  for (const scenario of chosen) {
    console.error(`${Math.round((performance.now() - started) / 1000)} s  ${scenario.name}`)
    if (scenario.isHeavy) {
      for (const system of systems) cells.push(await runScenario(system, scenario))
    } else {
      // A hundred traces a second leave a machine idle: the systems, each with a sink of its own, do not notice one another.
      cells.push(...(await Promise.all(systems.map((system) => runScenario(system, scenario)))))
    }
  }
  const ends: string[][] = []
  if (withEndings) {
    for (const ending of endings) {
      console.error(`${Math.round((performance.now() - started) / 1000)} s  ${ending}`)
      const arrived = await Promise.all(systems.map((system) => runEnding(system, ending)))
      ends.push([ending, ...arrived])
    }
  }

  if (flags.has('--json')) {
    console.log(JSON.stringify({ versions: await versions(), cells, ends }, undefined, 2))
    return
  }
  if (chosen.length > 0) {
    const rows = chosen.map((scenario) =>
      [scenario.name].concat(
        systems.map((system) => {
          const cell = cells.find((one) => one.system === system && one.scenario === scenario.name)
          return cell === undefined ? '' : cellText(cell, scenario)
        }),
      ),
    )
    console.log(
      '\nlost (+ of those offered after the fault) / requests during the fault, or in all / peak RSS in MB / longest stall in ms; T: closing took its whole budget',
    )
    console.log(`\n${tableText(['', ...systems], rows)}`)
  }
  if (ends.length > 0) {
    console.log(
      `\nof ${TRACES_AT_END} traces arrived when the process ends, + with the next start (its exit code or signal)`,
    )
    console.log(`\n${tableText(['', ...systems], ends)}`)
  }
}

await main()
