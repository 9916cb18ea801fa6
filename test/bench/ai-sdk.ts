import { nextMessage, race, startChild } from './contenders.ts'
import { ADDED_COLUMNS, addedBound, addedRows } from './langchain.ts'
import { type Report } from './report.ts'
import { startSink } from './sink.ts'

const PEERS = [
  '@ai-sdk/otel',
  'braintrust wrapAISDK',
  'braintrust telemetry',
  'langsmith wrapAISDK',
  'langsmith telemetry',
]
const NAMES = ['none', 'empty', 'trulayer', ...PEERS]
const preload = ['one-framework.mjs']

/** What recording adds to a loop of two steps, and to a stream of 500 parts. */
export async function aiSDK(effort: { readonly quick: boolean }): Promise<Report> {
  const rounds = effort.quick ? 6 : 24
  const warmUps = effort.quick ? 4 : 6
  const measure = async (kind: string, count: number) => {
    using sink = await startSink()
    // Awaited here, for the sink is gone when this function returns.
    return await race({
      file: 'ai-sdk.mjs',
      contenders: Object.fromEntries(NAMES.map((name) => [name, [kind, name, sink.url]])),
      rounds,
      warmUps,
      count,
      preload,
    })
  }
  const endings = new Map<string, Endings>()
  for (const name of ['trulayer', ...PEERS]) endings.set(name, await endingsOf(name))
  const tools = await measure('tools', 50)
  const stream = await measure('stream', 10)
  const faithful = PEERS.filter((name) => endsOnBreak(endings.get(name)))
  return {
    name: 'ai-sdk',
    title: `AI SDK 7: CPU time per call, in µs (median of ${rounds} rounds of 50 tool loops, 10 streams; quartiles)`,
    columns: ADDED_COLUMNS,
    rows: [...addedRows(tools, 'tool loop'), ...addedRows(stream, 'stream')],
    notes: [
      'empty: a registered integration whose hooks do nothing. trulayer: exporter that discards, redaction off.',
      `Spans over after a whole stream and after one broken off: ${[...endings]
        .map(([name, { whole, broken }]) => `${name} ${whole}, ${broken}`)
        .join('; ')}.`,
    ],
    bounds: [
      addedBound(tools, { what: 'ai-sdk: tool loop', peers: PEERS, part: 0.5 }),
      addedBound(stream, {
        what: 'ai-sdk: stream of 500, of the peers that end their spans when the reader breaks off',
        peers: faithful,
        part: 1,
      }),
    ],
  }
}

interface Endings {
  readonly whole: number
  readonly broken: number
}

function endsOnBreak(endings: Endings | undefined): boolean {
  return endings !== undefined && endings.broken > 0 && endings.broken >= endings.whole
}

/* Alone with a sink, since those that have no counting exporter are counted there. */
async function endingsOf(name: string): Promise<Endings> {
  using sink = await startSink()
  const child = startChild('ai-sdk.mjs', ['stream', name, sink.url], { preload })
  try {
    await nextMessage(child)
    child.send({ kind: 'describe' })
    const { description } = await nextMessage<{ description: Endings }>(child)
    return description
  } finally {
    child.kill('SIGKILL')
  }
}
