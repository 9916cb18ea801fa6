import { race,startChild,nextMessage } from './contenders.ts'
import { difference } from './statistics.ts'
import { startSink } from './sink.ts'
const names = process.argv[3]?.split(',') ?? ['none','empty','trulayer','@ai-sdk/otel','braintrust wrapAISDK','braintrust telemetry','langsmith wrapAISDK','langsmith telemetry']
const kind = process.argv[2] ?? 'tools'
for (const n of names) {
  const s = await startSink()
  const c = startChild('ai-sdk.mjs', [kind, n, s.url], { preload: ['one-framework.mjs'] })
  await nextMessage(c); c.send({kind:'describe'}); console.log(n, await nextMessage(c)); c.kill('SIGKILL'); s[Symbol.dispose]()
}
const sink = await startSink()
const contenders = Object.fromEntries(names.map((n, i) => [n, [kind, n, sink.url]]))
const m = await race({ file: 'ai-sdk.mjs', contenders, rounds: Number(process.argv[4] ?? 12), warmUps: 4, count: 25, preload: ['one-framework.mjs'] })
const empty = m.find((x) => x.name === 'empty')!
for (const x of m) {
  const d = difference(x.total, empty.total)
  console.log(x.name.padEnd(22), 'wall', x.wall.median.toFixed(0), ' total', x.total.median.toFixed(0), x.total.quartiles.map((v) => v.toFixed(0)).join('-'), ' over empty', d.median.toFixed(0), d.quartiles.map((v) => v.toFixed(0)).join('-'))
}
sink[Symbol.dispose]()
