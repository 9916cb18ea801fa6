import { race } from './contenders.ts'
import { digits, type Report } from './report.ts'
import { startSink } from './sink.ts'
import { ratio } from './statistics.ts'

const PEERS = ['opentelemetry', 'posthog', 'langfuse', 'langsmith', 'braintrust']
const NAMES = ['floor', 'trulayer', 'trulayer trace()', ...PEERS]
const SPANS = 4
const CALLERS_PATH = 1.25
const TOTAL = 1.1
/* Each contender numbers its traces in a range of its own, by which the sink tells them apart. */
const RANGE = 1_000_000

/** What a span costs until it is delivered, on the path of the program and in all. */
export async function deliveryCost(effort: { readonly quick: boolean }): Promise<Report> {
  using sink = await startSink()
  const count = 1000
  const warmUps = effort.quick ? 2 : 3
  const rounds = effort.quick ? 3 : 7
  const measured = await race({
    file: 'delivery-cost.mjs',
    contenders: Object.fromEntries(
      NAMES.map((name, index) => [name, [name, sink.url, String(index * RANGE)]]),
    ),
    rounds,
    warmUps,
    count,
  })
  const lost = new Map<string, number>()
  for (const [index, { name }] of measured.entries()) {
    const { whole } = await sink.seen({ from: index * RANGE, to: (index + 1) * RANGE })
    lost.set(name, name === 'floor' ? 0 : count * (rounds + warmUps) - whole)
  }
  const of = (name: string) => measured.find((contender) => contender.name === name) ?? measured[0]
  const floor = of('floor')
  const ours = of('trulayer')
  // Who loses traces does less work, and is no measure.
  const peers = measured.filter(({ name }) => PEERS.includes(name) && lost.get(name) === 0)
  const cheapest = peers.toSorted((one, other) => one.total.median - other.total.median)[0]
  return {
    name: 'delivery',
    title: `Delivery: CPU time per span of a four-span trace of 4.5 KB, in µs (median of ${rounds} rounds of ${count} traces, quartiles)`,
    columns: ["caller's path", 'quartiles', 'of the floor', 'in total', 'quartiles', 'lost'],
    rows: measured.map(({ name, path, total }) => [
      name,
      digits(path.median),
      path.quartiles.map(digits).join(' to '),
      floor === undefined ? '' : `${digits(ratio(path, floor.path).median)}x`,
      digits(total.median / SPANS),
      total.quartiles.map((value) => digits(value / SPANS)).join(' to '),
      String(lost.get(name)),
    ]),
    notes: [
      'floor: builds the tree with ids and instants, and one JSON.stringify; no transport. Redaction is off.',
      'trulayer: the recorder as the adapters call it; trace(): the public functions, whose promises cost extra.',
    ],
    bounds: [
      {
        what: "delivery: caller's path beside the floor",
        measured: ours && floor ? ratio(ours.path, floor.path).median : Number.NaN,
        atMost: CALLERS_PATH,
        unit: 'x',
      },
      {
        what: `delivery: in total beside the cheapest peer (${cheapest?.name ?? 'none delivered'})`,
        measured: ours && cheapest ? ratio(ours.total, cheapest.total).median : Number.NaN,
        atMost: TOTAL,
        unit: 'x',
      },
      {
        what: 'delivery: traces of ours that were lost',
        measured: lost.get('trulayer') ?? Number.NaN,
        atMost: 0,
        unit: 'traces',
      },
    ],
  }
}
