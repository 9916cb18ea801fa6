import { describe, expect, test } from 'vitest'

import { combinations } from './peers.ts'
import { playProgram } from './play-program.ts'

/* One host for each tracer: how a process ends has nothing to do with what ran in it. */
const endings = combinations('exits')
  .filter(
    ({ peer }, index, all) => all.findIndex((combination) => combination.peer === peer) === index,
  )
  .flatMap((combination) =>
    (['natural', 'signal'] as const).map((end) => Object.assign({ end }, combination)),
  )

/* Beyond what the other tracer takes alone: our own delivery at the end of a process. */
const PATIENCE = 3000

describe.each(endings)('$host of $set beside $peer, $end end', (program) => {
  test.each(['peer-first', 'ours-first'] as const)(
    'the process ends as it does without us, and what we recorded arrives, set up %s',
    async (order) => {
      const theirs = await playProgram({ ...program, order, hasOurs: false })
      const both = await playProgram({ ...program, order, hasOurs: true })
      expect(both.exit).toEqual(theirs.exit)
      expect(both.traces).toHaveLength(2)
      expect(both.lasted).toBeLessThan(theirs.lasted + PATIENCE)
    },
  )
})
