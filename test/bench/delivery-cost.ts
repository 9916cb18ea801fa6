import { race } from './contenders.ts'
import { startSink } from './sink.ts'
const sink = await startSink()
const names = process.argv[2]?.split(',') ?? ['data alone','floor', 'trulayer', 'trulayer trace()', 'opentelemetry','posthog','langfuse','langsmith','braintrust']
const contenders = Object.fromEntries(names.map((n, i) => [n, [n, sink.url, String(i * 1_000_000)]]))
const count = 2000, rounds = Number(process.argv[3] ?? 7), warmUps = 3
const m = await race({ file: 'delivery-cost.mjs', contenders, rounds, warmUps, count })
await new Promise((r) => setTimeout(r, 1000))
for (const [i, x] of m.entries()) {
  const s = await sink.seen({ from: i * 1e6, to: (i + 1) * 1e6 })
  console.log(x.name.padEnd(18), 'path', x.path.median.toFixed(2), x.path.quartiles.map((v) => v.toFixed(2)).join('-'), ' total', (x.total.median/4).toFixed(2), x.total.quartiles.map((v) => (v/4).toFixed(2)).join('-'), ' arrived', s.whole, s.torn, 'of', count * (rounds + warmUps))
}
sink[Symbol.dispose]()
