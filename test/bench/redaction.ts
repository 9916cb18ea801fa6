import { Redactor, type RedactionPack, TruLayer } from '@trulayer/core'

import { fill, HOSTILE } from './hostile.ts'
import { digits, type Report } from './report.ts'
import { difference, type Samples, summary } from './statistics.ts'

const PACKS: readonly RedactionPack[] = ['secrets', 'standard', 'strict', 'phi', 'finance']
const SETS: Readonly<Record<string, readonly RedactionPack[] | false>> = {
  'no redaction': false,
  'secrets, the default': ['secrets'],
  'all packs': PACKS,
}
const MEGABYTE = 1_000_000
const MILLISECONDS = 50
/* Twice the text takes twice the time; four times would be the square. */
const GROWTH = 3
/* Less than this says nothing about growth. */
const LEAST = 5

const ORDINARY = `The customer asked where order 4711 was. I looked it up with getOrder({"orderId":"4711"}) and the
carrier says that it left the depot on Tuesday at 14:05, so it should arrive within two days. Total: 1,249.00 EUR.
`

/** What the packs cost on ordinary text, and how long texts take that were written against them. */
export async function redaction(effort: { readonly quick: boolean }): Promise<Report[]> {
  return [await ordinaryText(effort), hostileText(effort)]
}

async function ordinaryText({ quick }: { readonly quick: boolean }): Promise<Report> {
  const rounds = quick ? 5 : 25
  const text = fill(ORDINARY, 100_000)
  const names = Object.keys(SETS)
  const texts = new Map(names.map((name): [string, number[]] => [name, []]))
  const traces = new Map(names.map((name): [string, number[]] => [name, []]))
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, packs] of Object.entries(SETS)) {
      const redactor = packs === false ? undefined : new Redactor({ packs })
      const once = timeOf(() => redactor?.redact(text)) / (text.length / 1000)
      const whole = await timeOfTraces(redactor ?? false)
      // The first rounds warm up.
      if (round >= 0) {
        texts.get(name)?.push(once * 1000)
        traces.get(name)?.push(whole * 1000)
      }
    }
  }
  const none = summary(traces.get('no redaction') ?? [])
  return {
    name: 'redaction',
    title: `Redaction: CPU time per KB of ordinary text, in µs (median of ${rounds} rounds, quartiles)`,
    columns: ['one text', 'quartiles', 'traces', 'quartiles', 'added to traces'],
    rows: names.map((name) => {
      const [one, whole] = [summary(texts.get(name) ?? []), summary(traces.get(name) ?? [])]
      const added = name === 'no redaction' ? '' : digits(difference(whole, none).median)
      return [name].concat(cellsOf(one), cellsOf(whole), added)
    }),
    notes: [
      'one text: 100 KB through a Redactor. traces: recorded, through the whole policy and handed to an exporter that',
      'discards them; two model calls, of which the second holds what the first did, and a tool that answers with JSON.',
    ],
    bounds: [],
  }
}

function cellsOf({ median, quartiles }: Samples): [string, string] {
  return [digits(median), quartiles.map(digits).join(' to ')]
}

const TRACES = 25

/*
 * CPU time of a KB, in milliseconds. A turn of two model calls with a tool between them: the second call holds all that
 * the first one did.
 */
async function timeOfTraces(redact: Redactor | false): Promise<number> {
  const client = new TruLayer({
    redact,
    exitHooks: false,
    exporters: [{ export: () => undefined }],
  })
  let bytes = 0
  const start = process.cpuUsage()
  for (let index = 0; index < TRACES; index += 1) {
    const text = (name: string): string => fill(`${name} ${index}: ${ORDINARY}`, 8000)
    const rows = JSON.stringify({
      rows: Array.from({ length: 40 }, (_, id) => ({ id, note: `${id} ${ORDINARY}` })),
    })
    const asked = [message('system', text('system')), message('user', text('user'))]
    const called = [message('assistant', text('call'))]
    const answered = [...asked, ...called, message('tool', rows)]
    const answer = [message('assistant', text('answer'))]
    bytes += JSON.stringify([asked, called, rows, answered, answer]).length
    await client.trace('answer', async (trace) => {
      trace.setMetadata({ plan: 'pro', region: 'eu-west-1', attempt: 1 })
      await trace.span('chat m', { type: 'llm', input: asked }, (span) => span.setOutput(called))
      await trace.span('rows', { type: 'tool', input: { query: 'orders' } }, () => rows)
      await trace.span('chat m', { type: 'llm', input: answered }, (span) => span.setOutput(answer))
    })
  }
  await client.shutdown()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000 / (bytes / 1000)
}

/* The bound is for each pack by itself. */
function alone(pack: RedactionPack): Redactor {
  return pack === 'secrets' ? new Redactor() : new Redactor({ packs: [pack], exclude: ['secrets'] })
}

function message(role: string, content: string): object {
  return { role, parts: [{ type: 'text', content }] }
}

function hostileText({ quick }: { readonly quick: boolean }): Report {
  const runs = quick ? 2 : 5
  let slowest = { time: 0, what: '' }
  let steepest = { growth: 0, what: '' }
  const rows = Object.entries(HOSTILE).map(([name, piece]) => {
    const whole = fill(piece, MEGABYTE)
    const half = fill(piece, MEGABYTE / 2)
    const cells = PACKS.map((pack) => {
      const redactor = alone(pack)
      redactor.redact(half)
      const [time, halfTime] = leastOf(
        runs,
        () => redactor.redact(whole),
        () => redactor.redact(half),
      )
      const growth = time / halfTime
      const what = `${pack} on ${name}`
      slowest = time > slowest.time ? { time, what } : slowest
      steepest = time > LEAST && growth > steepest.growth ? { growth, what } : steepest
      return `${digits(time)} (${growth.toFixed(1)}x)`
    })
    return [name].concat(cells)
  })
  return {
    name: 'hostile text',
    title: `1 MB written against the patterns: CPU time in ms, and how often that of half of it goes into it (least of ${runs} runs)`,
    columns: [...PACKS],
    rows,
    notes: ['Each row is one piece of text over and over: `test/bench/hostile.ts`.'],
    bounds: [
      {
        what: `redaction: the slowest pack on 1 MB (${slowest.what})`,
        measured: slowest.time,
        atMost: MILLISECONDS,
        unit: 'ms',
      },
      {
        what: `redaction: growth from half to whole (${steepest.what})`,
        measured: steepest.growth,
        atMost: GROWTH,
        unit: 'x',
      },
    ],
  }
}

/* In turn, so that what slows the machine for a while slows both. */
function leastOf(
  runs: number,
  one: () => unknown,
  other: () => unknown,
): readonly [number, number] {
  const times = Array.from({ length: runs }, () => [timeOf(one), timeOf(other)] as const)
  return [Math.min(...times.map(([time]) => time)), Math.min(...times.map(([, time]) => time))]
}

/* Time of the processor and not of the clock, since other programs run beside this one. */
function timeOf(work: () => unknown): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
