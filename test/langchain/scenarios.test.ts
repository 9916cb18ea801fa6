import { expect, test } from 'vitest'

import { play } from '../../packages/langchain/test/play.ts'
import { differenceOf, differencesOf } from './differences.ts'
import { loadSet, setName } from './frameworks.ts'
import { agents } from './scenarios/agents.ts'
import { attaching } from './scenarios/attaching.ts'
import { chains } from './scenarios/chains.ts'
import { graphs } from './scenarios/graphs.ts'
import { pauses } from './scenarios/pauses.ts'
import { streams } from './scenarios/streams.ts'
import { tools } from './scenarios/tools.ts'

const ALL = 40

const set = await loadSet(setName)

const scenarios = [
  ...agents,
  ...attaching,
  ...chains,
  ...graphs,
  ...pauses,
  ...streams,
  ...tools,
].toSorted((one, other) => one.number - other.number)

const present = scenarios.filter((scenario) => {
  const difference = differenceOf(setName, scenario)
  return difference === undefined || difference.trees !== undefined
})

test.each(present)('$number: $title', async (scenario) => {
  const difference = differenceOf(setName, scenario)
  const trees = difference?.trees ?? scenario.trees
  const played = await play((stage) => scenario.turn({ ...stage, set }), {}, scenario.late)
  expect(played.trees.map(cut).join('\n')).toBe(trees.map(cut).join('\n'))
  if (scenario.sessions !== undefined) {
    expect(played.traces.map(({ sessionId }) => sessionId)).toEqual(scenario.sessions)
  }
  if (difference === undefined) {
    scenario.check?.(played)
  }
})

test('every scenario of the list is here, and every difference is of one that is', () => {
  expect(new Set(scenarios.map(({ number }) => number)).size).toBe(ALL)
  const titles = scenarios.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
  expect(titles).toEqual(
    expect.arrayContaining(differencesOf(setName).map(({ scenario }) => scenario)),
  )
})

/* The texts of errors differ by version towards their ends, where zod or the framework explains itself. */
function cut(tree: string): string {
  return tree.replaceAll(/\(([^()]{40})[^()]*(?:\(.*)?\)/g, '($1…)')
}
