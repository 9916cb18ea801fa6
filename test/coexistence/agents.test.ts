import { fromWireTrace } from '@trulayer/core/internal'
import { spanTree } from '@trulayer/core/testing'
import { describe, expect, test } from 'vitest'

import { agentCombinations } from './peers.ts'
import { playProgram } from './play-program.ts'

/* Tracers patch what an agent returns in other ways than what a function returns. */
describe.each(agentCombinations())('agents of $set beside $peer', ({ set, host, peer }) => {
  test.each(['peer-first', 'ours-first'] as const)('stream as without us, %s', async (order) => {
    const program = { set, host, peer, order, usesAgents: true }
    const bare = await playProgram({ ...program, hasOurs: false })
    const both = await playProgram({ ...program, hasOurs: true })
    expect(both.results).toEqual(bare.results)
    expect([both.stderr, both.warnings, both.exit]).toEqual([bare.stderr, bare.warnings, bare.exit])
    const [read] = both.traces.flatMap((wire) => fromWireTrace(wire) ?? [])
    expect(both.traces).toHaveLength(2)
    expect(read === undefined ? '' : spanTree(read).replaceAll(/tool \w+/g, 'tool')).toBe(
      `support · ok · 50 in, 15 out
├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
├─ tool · ok
├─ tool · ok
└─ llm chat gpt-4o-mini · ok · 30 in, 10 out`,
    )
  })
})
