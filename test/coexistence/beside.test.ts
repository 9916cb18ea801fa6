import { fromWireTrace, type WireTrace } from '@trulayer/core/internal'
import { spanTree } from '@trulayer/core/testing'
import { describe, expect, test } from 'vitest'

import { forestOf, spansOfTraces } from './forest.ts'
import { combinations, type Host, type VersionSet } from './peers.ts'
import { type Played, playProgram } from './play-program.ts'

const ORDERS = ['peer-first', 'ours-first'] as const
const FIRST = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'
const LAST = 'llm chat gpt-4o-mini · ok · 30 in, 10 out'

/* What tracers put on a request, so that the service continues their trace. */
const PROPAGATION = /^(traceparent|tracestate|baggage|b3|sentry-trace|x-datadog-.*)$/

const alone = new Map<string, Promise<Played>>()

/* What a host is without another tracer. */
function playAlone(set: VersionSet, host: Host): Promise<Played> {
  const key = `${set} ${host}`
  const played =
    alone.get(key) ?? playProgram({ set, host, peer: 'none', order: 'peer-first', hasOurs: true })
  alone.set(key, played)
  return played
}

/* Accepts properties on the host's objects that the peer leaves there without us too. */
function within(known: readonly string[]): (left: readonly string[]) => boolean {
  return (left) => left.every((name) => known.includes(name))
}

/* Tools run at the same time, so either may be the first. */
function treesOf(traces: readonly WireTrace[]): string[] {
  return traces.map((wire) => {
    const trace = fromWireTrace(wire)
    const tree = trace === undefined ? 'no trace' : spanTree(trace)
    return tree.replace('tool lookup', 'tool').replace('tool weather', 'tool')
  })
}

describe.each(combinations('beside'))('$host of $set beside $peer', ({ set, host, peer }) => {
  const names =
    host === 'langchain' || host === 'mastra' ? ['support'] : ['generateText', 'streamText']

  test.each(ORDERS)('both record what they record alone, set up %s', async (order) => {
    const ours = await playAlone(set, host)
    const theirs = await playProgram({ set, host, peer, order, hasOurs: false })
    const both = await playProgram({ set, host, peer, order, hasOurs: true })

    expect(treesOf(ours.traces)).toEqual(
      [names[0], names.at(-1)].map(
        (name) =>
          `${name} · ok · 50 in, 15 out\n├─ ${FIRST}\n├─ tool · ok\n├─ tool · ok\n└─ ${LAST}`,
      ),
    )
    expect(theirs.spans.length).toBeGreaterThan(0)

    expect(both.results).toEqual(theirs.results)
    expect(both.results).toEqual(ours.results)
    expect(forestOf(spansOfTraces(both.traces))).toBe(forestOf(spansOfTraces(ours.traces)))
    expect(forestOf(both.spans)).toBe(forestOf(theirs.spans))
    // A wrapper that was put in place would hold on to its turn, and be in the way of the next one.
    expect(both.leftovers).toEqual(
      host === 'ai-sdk' && order === 'peer-first' ? [] : expect.toSatisfy(within(theirs.leftovers)),
    )
    expect(both.warnings).toEqual(theirs.warnings)
    expect(both.stderr).toBe(theirs.stderr)
    expect(both.exit).toEqual(theirs.exit)
    expect(both.requests.flatMap(({ headers }) => Object.keys(headers))).not.toContainEqual(
      expect.stringMatching(PROPAGATION),
    )
    for (const { network } of [ours, theirs, both]) {
      expect(network).toEqual([])
    }
  })
})
