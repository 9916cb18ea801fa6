import { type Measured, race } from './contenders.ts'
import { type Bound, digits, type Report } from './report.ts'
import { startSink } from './sink.ts'
import { difference } from './statistics.ts'

const PEERS = ['langsmith', 'langfuse', 'openinference']
const NAMES = ['none', 'empty', 'trulayer', ...PEERS]
const AGENTS = ['createAgent', 'createReactAgent']
const PART = 0.5

/** What handlers add to a turn of two model calls and three tools. */
export async function langchain(effort: { readonly quick: boolean }): Promise<Report> {
  const count = 25
  const rounds = effort.quick ? 6 : 14
  const rows: string[][] = []
  const bounds: Bound[] = []
  for (const agent of AGENTS) {
    using sink = await startSink()
    const measured = await race({
      file: 'langchain.mjs',
      contenders: Object.fromEntries(NAMES.map((name) => [name, [agent, name, sink.url]])),
      rounds,
      warmUps: effort.quick ? 4 : 6,
      count,
      preload: ['one-framework.mjs'],
    })
    rows.push(...addedRows(measured, agent))
    bounds.push(addedBound(measured, { what: `langchain: ${agent}`, peers: PEERS, part: PART }))
  }
  return {
    name: 'langchain',
    title: `LangChain: CPU time per turn, in µs (median of ${rounds} rounds of ${count} turns, quartiles)`,
    columns: ADDED_COLUMNS,
    rows,
    notes: [
      'empty: awaited, every method does nothing. trulayer: exporter that discards, redaction off, in a process that has',
      'seen 60,000 runs before. langsmith sends to a sink on this machine; langfuse and openinference to an exporter that counts.',
    ],
    bounds,
  }
}

/** The head of a table of what contenders add. */
export const ADDED_COLUMNS = ['', 'wall', 'CPU', 'quartiles', 'over empty', 'quartiles']

/** One line a contender: what a turn takes, and what of that is more than with the contender `empty`. */
export function addedRows(measured: readonly Measured[], kind: string): string[][] {
  const empty = measured.find(({ name }) => name === 'empty')
  return measured.map(({ name, wall, total }) => {
    const added = empty === undefined ? undefined : difference(total, empty.total)
    return [
      `${kind}, ${name}`,
      digits(wall.median),
      digits(total.median),
      total.quartiles.map(digits).join(' to '),
      added === undefined ? '' : digits(added.median),
      added === undefined ? '' : added.quartiles.map(digits).join(' to '),
    ]
  })
}

/** What ours adds to `empty`, beside a part of what the cheapest of the peers adds. */
export function addedBound(
  measured: readonly Measured[],
  rule: { readonly what: string; readonly peers: readonly string[]; readonly part: number },
): Bound {
  const empty = measured.find(({ name }) => name === 'empty')
  const added = (name: string): number => {
    const contender = measured.find((other) => other.name === name)
    return contender && empty ? difference(contender.total, empty.total).median : Number.NaN
  }
  const [cheapest, cost = Number.NaN] =
    rule.peers
      .map((name): [string, number] => [name, added(name)])
      .toSorted(([, one], [, other]) => one - other)[0] ?? []
  const part = rule.part === 1 ? 'what' : 'half of what'
  return {
    what: `${rule.what}, added to empty, beside ${part} the cheapest peer (${cheapest ?? 'none'}) adds`,
    measured: added('trulayer'),
    atMost: cost * rule.part,
    unit: 'µs',
  }
}
