import { TruLayer } from '@trulayer/core'

import { age } from './age.mjs'

/** A client that has seen a lot already and whose exporter only counts spans, redaction off. */
export async function countingClient() {
  const counts = { spans: 0 }
  const client = new TruLayer({
    exporters: [
      {
        export(traces) {
          for (const trace of traces) counts.spans += trace.spans.length
        },
      },
    ],
    redact: false,
  })
  await age(client)
  counts.spans = 0
  return { client, counts }
}
