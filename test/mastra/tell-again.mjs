/*
 * Records what Mastra tells of one turn, and tells the exporter the same of many more, under ids of their own; of every
 * other one without its ends, as of a stream that nobody reads. Real turns would take minutes, and Mastra keeps more of each
 * than we may. Prints the heap after ten thousand, when what is remembered of the past is full, and after ten thousand more,
 * as JSON.
 */
import { TruLayer } from '@trulayer/core'
import { TruLayerExporter } from '@trulayer/mastra'

import { ScriptedModel } from '../support/mastra-scripted-model.ts'
import { Agent, createTool, Mastra, Observability, z } from './newest/frameworks.js'

const events = await eventsOfTurn()
const statuses = { ok: 0, incomplete: 0 }
const client = new TruLayer({
  exporters: [
    {
      export: (traces) => {
        for (const { status } of traces) statuses[status] += 1
      },
    },
  ],
  exitHooks: false,
})
const exporter = new TruLayerExporter({ client })
let turns = 0

async function heapAfter(count) {
  for (let turn = 0; turn < count; turn += 1) {
    turns += 1
    const told = turns % 2 === 0 ? events : events.filter(({ type }) => type !== 'span_ended')
    for (const event of told) exporter.onTracingEvent(renamed(event, turns))
    if (turns % 100 === 0) await client.flush({ open: 'close' })
  }
  await client.flush({ open: 'close' })
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

const before = await heapAfter(10_000)
const after = await heapAfter(10_000)
const { recorded, open, late } = client.stats().traces
console.log(JSON.stringify({ before, after, recorded, open, late, ...statuses }))

/* Two calls of a model and a tool, which is what most of the events of a turn are of. */
async function eventsOfTurn() {
  const heard = []
  const recording = {
    name: 'recording',
    exportTracingEvent: (event) => Promise.resolve(void heard.push(event)),
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
  const weather = createTool({
    id: 'weather',
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => ({ sky: `sunny in ${city}` }),
  })
  const model = new ScriptedModel([
    { tools: [{ id: 'c1', name: 'weather', args: { city: 'Paris' } }] },
    { text: 'Sunny.' },
  ])
  const support = new Agent({
    id: 'support',
    name: 'support',
    instructions: 'x'.repeat(1000),
    model,
    tools: { weather },
  })
  const mastra = new Mastra({
    logger: false,
    agents: { support },
    observability: new Observability({
      configs: { default: { serviceName: 'test', exporters: [recording] } },
    }),
  })
  await mastra.getAgent('support').generate('Hi')
  return heard
}

function renamed({ type, exportedSpan }, turn) {
  const own = turn.toString(16).padStart(8, '0')
  const { id, traceId, parentSpanId, metadata } = exportedSpan
  return {
    type,
    exportedSpan: {
      ...exportedSpan,
      id: id.slice(0, 8) + own,
      traceId: traceId.slice(0, 24) + own,
      metadata: { ...metadata, runId: `run-${turn}` },
      ...(parentSpanId === undefined ? {} : { parentSpanId: parentSpanId.slice(0, 8) + own }),
    },
  }
}
