import { fromWireTrace } from '@trulayer/core/internal'
import { describe, expect, test } from 'vitest'

import { combinations } from './peers.ts'
import { playProgram } from './play-program.ts'

const TURNS = 300

describe.each(combinations('load'))('$host of $set beside $peer', ({ set, host, peer }) => {
  test(`${TURNS} turns, 20 at a time, on one model and one set of tools: no trace has anything of another`, async () => {
    const { results, traces, leftovers } = await playProgram({
      set,
      host,
      peer,
      order: 'peer-first',
      hasOurs: true,
      turns: TURNS,
      concurrency: 20,
    })
    const users = Array.from({ length: TURNS }, (_, user) => `user-${user}`)
    expect(results.map((result) => usersIn(result))).toEqual(users.map((user) => [user]))

    // The wrapper of another tracer would hold on to each turn, and run all of them at the next call.
    expect(leftovers).toEqual(host === 'ai-sdk' ? [] : expect.anything())

    const seen = traces.map((trace) => {
      const finished = fromWireTrace(trace)
      expect(usersIn(trace)).toEqual([finished?.sessionId])
      expect(finished?.status).toBe('ok')
      expect(finished?.spans.map(({ name }) => name).toSorted(compare)).toEqual([
        'chat gpt-4o-mini',
        'chat gpt-4o-mini',
        'lookup',
        'weather',
      ])
      return finished?.sessionId ?? ''
    })
    // A whole answer and a stream for each.
    expect(seen.toSorted(compare)).toEqual([...users, ...users].toSorted(compare))
  })
})

/* The users that something names, each once. */
function usersIn(value: unknown): string[] {
  return [...new Set(JSON.stringify(value).match(/user-\d+/g))]
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1
}
