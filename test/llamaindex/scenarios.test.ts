import { describe, expect, test } from 'vitest'

import { differenceOf, differencesOf } from './differences.ts'
import { loadSet, setName } from './frameworks.ts'
import { billOf, play } from './play.ts'
import { agents } from './scenarios/agents.ts'
import { edges } from './scenarios/edges.ts'
import { queries } from './scenarios/queries.ts'

const scenarios = [...queries, ...agents, ...edges].toSorted(
  (one, other) => one.number - other.number,
)
const set = await loadSet(setName)
const present = scenarios.filter((scenario) => differenceOf(setName, scenario)?.isAbsent !== true)

describe(`the scenarios on ${setName}`, () => {
  test.each(present)('$number: $title', async (scenario) => {
    const difference = differenceOf(setName, scenario)
    const played = await play(set, { ...scenario, ...difference })
    expect(played.trees.join('\n')).toBe((difference?.trees ?? scenario.trees).join('\n'))
    if ((difference?.isBilled ?? scenario.isBilled) !== false) {
      expect(billOf(played.traces)).toEqual(played.bill)
    }
    if (difference?.isUnchecked !== true) {
      scenario.check?.(played)
    }
  })

  test('every scenario of the list is here, and every difference is of one that is', () => {
    expect(new Set(scenarios.map(({ number }) => number)).size).toBe(ALL)
    const titles = scenarios.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles).toEqual(expect.arrayContaining([...differencesOf(setName)]))
  })
})

const ALL = 13
