import { describe, expect, test } from 'vitest'

import { startIngestServer } from '../support/ingest-server.ts'
import { differenceOf } from './differences.ts'
import { loadSet, setName } from './frameworks.ts'
import { billOf, deliver, play } from './play.ts'
import { agents } from './scenarios/agents.ts'
import { edges } from './scenarios/edges.ts'
import { guardrails } from './scenarios/guardrails.ts'
import { nested } from './scenarios/nested.ts'
import { steps } from './scenarios/steps.ts'
import { workflows } from './scenarios/workflows.ts'

const scenarios = [...agents, ...nested, ...workflows, ...steps, ...edges, ...guardrails].toSorted(
  (one, other) => one.number - other.number,
)
const set = await loadSet(setName)
const present = scenarios.filter((scenario) => differenceOf(setName, scenario)?.isAbsent !== true)

describe(`the scenarios on ${setName}`, () => {
  test.each(present)('$number: $title', async (scenario) => {
    const difference = differenceOf(setName, scenario)
    const played = await play(set, {
      ...scenario,
      isLeftOpen: difference?.isLeftOpen ?? scenario.isLeftOpen ?? false,
    })
    expect(textOf(played.trees)).toBe(textOf(difference?.trees ?? scenario.trees))
    if ((difference?.isBilled ?? scenario.isBilled) !== false) {
      expect(billOf(played.traces)).toEqual(played.bill)
    }
    const sessions = difference?.sessions ?? scenario.sessions
    if (sessions !== undefined) {
      expect(played.traces.map(({ sessionId }) => sessionId)).toEqual(sessions)
    }
    if (difference?.isUnchecked !== true) {
      scenario.check?.(played)
    }
  })
})

test(`what leaves of them on ${setName} is what the contract asks for`, async () => {
  await using server = await startIngestServer()
  for (const scenario of present) {
    await deliver(set, scenario, server.url)
  }
  expect(server.refused).toEqual([])
  expect(server.traces.length).toBeGreaterThan(present.length)
})

/* Which of two traces leaves first depends on the event loop. */
function textOf(trees: readonly string[]): string {
  return trees.map(cut).toSorted().join('\n')
}

/* The texts of errors differ by version towards their ends, and quote what zod says. */
function cut(tree: string): string {
  return tree.replaceAll(/\(([^()]{0,28})[^()]*\)/g, '($1…)')
}
