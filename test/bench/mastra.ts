import { type Measured, race } from './contenders.ts'
import { ADDED_COLUMNS, addedRows } from './langchain.ts'
import { type Bound, digits, type Report } from './report.ts'
import { startSink } from './sink.ts'

const PEERS = ['@mastra/langfuse', '@mastra/otel-exporter']
const NAMES = ['none', 'empty', 'empty once more', 'trulayer', ...PEERS]
const KINDS = ['generate', 'stream']

/* Whose code a contender brings. */
const OWNERS = {
  trulayer: ['/packages/core/dist/', '/packages/mastra/dist/'],
  '@mastra/langfuse': ['/@mastra/langfuse/', '/@langfuse/', '/@opentelemetry/'],
  '@mastra/otel-exporter': ['/@mastra/otel-exporter/', '/@opentelemetry/', '/span-counter.mjs'],
}

/** What exporters add to a turn of two model calls and three tools. */
export async function mastra(effort: { readonly quick: boolean }): Promise<Report> {
  const count = 25
  const rounds = effort.quick ? 6 : 40
  const rows: string[][] = []
  const bounds: Bound[] = []
  for (const kind of KINDS) {
    using sink = await startSink()
    const measured = await race({
      file: 'mastra.mjs',
      contenders: Object.fromEntries(
        NAMES.map((name) => [name, [kind, name.replace(' once more', ''), sink.url]]),
      ),
      rounds,
      warmUps: effort.quick ? 4 : 6,
      count,
      preload: ['one-framework.mjs'],
      profile: { rounds: effort.quick ? 2 : 10, count: 100, owners: OWNERS },
    })
    rows.push(...addedRows(measured, kind).map((row, index) => withOwn(row, measured[index])))
    bounds.push(ownBound(measured, kind))
  }
  return {
    name: 'mastra',
    title: `Mastra: CPU time per turn, in µs (median of ${rounds} rounds of ${count} turns, quartiles)`,
    columns: [...ADDED_COLUMNS, 'own', '% of main thread', 'quartiles'],
    rows,
    notes: [
      'empty: every method does nothing. trulayer: exporter that discards, redaction off, in a process that has seen 60,000',
      'runs before. @mastra/langfuse sends to a sink on this machine; @mastra/otel-exporter to an exporter that counts.',
      'own: what the main thread does in code of the exporter and all that it calls, by a profile of later rounds. What lies',
      'between the two empty exporters is nothing but noise.',
    ],
    bounds,
  }
}

function withOwn(row: readonly string[], measured: Measured | undefined): string[] {
  return measured === undefined || !Object.hasOwn(OWNERS, measured.name)
    ? [...row, '', '', '']
    : [
        ...row,
        digits(measured.own.median),
        digits(measured.part.median),
        measured.part.quartiles.map(digits).join(' to '),
      ]
}

/*
 * By the profile: what exporters add to the time of a process is a hundredth of it, less than two empty ones differ by. Why no
 * more is held: decision 0010.
 */
function ownBound(measured: readonly Measured[], kind: string): Bound {
  const partOf = (name: string): number =>
    measured.find((contender) => contender.name === name)?.part.median ?? Number.NaN
  return {
    what: `mastra: ${kind}, own part of the main thread, beside that of the cheapest peer`,
    measured: partOf('trulayer'),
    atMost: Math.min(...PEERS.map(partOf)),
    unit: '%',
  }
}
