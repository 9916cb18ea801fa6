import { describe, expect, test } from 'vitest'

import { tracersTried } from './peers.ts'
import { type Played, playProgram } from './play-program.ts'

const PROPAGATION = /^(traceparent|tracestate|baggage|sentry-trace|b3|x-datadog-.*|x-b3-.*)$/

/* Where the service and its paths are named, in anything that the other tracer recorded. */
function namesOurs({ spans, requests }: Played): string[] {
  const hosts = new Set(requests.map(({ headers }) => String(headers.host)))
  return spans
    .map((span) => JSON.stringify(span))
    .filter((text) => text.includes('/v1/') || [...hosts].some((host) => text.includes(host)))
}

/* Ports differ from run to run. */
function namesOf({ spans }: Played): string[] {
  return spans.map(({ name }) => name.replace(/:\d+/, '')).toSorted()
}

describe.each(tracersTried())('delivery beside %s', (peer) => {
  test.each(['peer-first', 'ours-first'] as const)(
    'is in no trace of it and carries none of its headers, set up %s',
    async (order) => {
      const program = { set: 'newest', host: 'deliveries', peer, order } as const
      const theirs = await playProgram({ ...program, hasOurs: false })
      const both = await playProgram({ ...program, hasOurs: true })

      expect(both.requests.map(({ path, status }) => [path, status])).toEqual(
        [0, 1].flatMap(() => [
          ['/v1/ingest/batch', 201],
          ['/v1/ingest/batch', 201],
          ['/v1/feedback', 201],
        ]),
      )
      const headers = both.requests.flatMap((request) => Object.keys(request.headers))
      expect(headers.filter((name) => PROPAGATION.test(name))).toEqual([])
      expect(namesOurs(both)).toEqual([])
      // Their own spans, those of the program's request among them, are as they were.
      expect(namesOf(both)).toEqual(namesOf(theirs))
      expect(both.results).toEqual(theirs.results)
    },
  )
})
