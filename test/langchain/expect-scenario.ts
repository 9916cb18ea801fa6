import { expect } from 'vitest'

import { play, type PlayOptions } from '../../packages/langchain/test/play.ts'
import { differenceOf } from './differences.ts'
import type { VersionSet } from './frameworks.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** Plays a scenario on a set and holds what is to be seen of it there. */
export async function expectScenario(
  scenario: Scenario,
  set: VersionSet,
  options: PlayOptions = {},
): Promise<void> {
  const difference = differenceOf(set.name, scenario)
  const trees = difference?.trees ?? scenario.trees
  const { late } = scenario
  const played = await play((stage) => scenario.turn({ ...stage, set }), { late, ...options })
  expect(played.trees.map(cut).join('\n')).toBe(trees.map(cut).join('\n'))
  if (scenario.sessions !== undefined) {
    expect(played.traces.map(({ sessionId }) => sessionId)).toEqual(scenario.sessions)
  }
  if (difference === undefined) {
    scenario.check?.(played)
  }
}

/* The texts of errors differ by version towards their ends, where zod or the framework explains itself. */
function cut(tree: string): string {
  return tree.replaceAll(/\(([^()]{40})[^()]*(?:\(.*)?\)/g, '($1…)')
}
