import { race } from './contenders.ts'
import { ADDED_COLUMNS, addedBound, addedRows } from './langchain.ts'
import { type Bound, type Report } from './report.ts'
import { startSink } from './sink.ts'

const PEERS = ['@mastra/langfuse', '@mastra/otel-exporter']
const NAMES = ['none', 'empty', 'trulayer', ...PEERS]
const KINDS = ['generate', 'stream']

/** What exporters add to a turn of two model calls and three tools. */
export async function mastra(effort: { readonly quick: boolean }): Promise<Report> {
  const count = 25
  // Many, since what an exporter adds is a fiftieth of what goes on, which varies by more.
  const rounds = effort.quick ? 6 : 60
  const rows: string[][] = []
  const bounds: Bound[] = []
  for (const kind of KINDS) {
    using sink = await startSink()
    const measured = await race({
      file: 'mastra.mjs',
      contenders: Object.fromEntries(NAMES.map((name) => [name, [kind, name, sink.url]])),
      rounds,
      warmUps: effort.quick ? 4 : 6,
      count,
      preload: ['one-framework.mjs'],
    })
    rows.push(...addedRows(measured, kind))
    bounds.push(addedBound(measured, { what: `mastra: ${kind}`, peers: PEERS, part: 0.5 }))
  }
  return {
    name: 'mastra',
    title: `Mastra: CPU time per turn, in µs (median of ${rounds} rounds of ${count} turns, quartiles)`,
    columns: ADDED_COLUMNS,
    rows,
    notes: [
      'empty: every method does nothing. trulayer: exporter that discards, redaction off, in a process that has seen 60,000',
      'runs before. @mastra/langfuse sends to a sink on this machine; @mastra/otel-exporter to an exporter that counts.',
    ],
    bounds,
  }
}
