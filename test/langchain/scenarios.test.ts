import { expect, test } from 'vitest'

import { differencesOf } from './differences.ts'
import { expectScenario } from './expect-scenario.ts'
import { loadSet, setName } from './frameworks.ts'
import { scenarios, scenariosOf } from './scenarios/index.ts'

const ALL = 40

const set = await loadSet(setName)

test.each(scenariosOf(setName))('$number: $title', async (scenario) => {
  await expectScenario(scenario, set)
})

test('every scenario of the list is here, and every difference is of one that is', () => {
  expect(new Set(scenarios.map(({ number }) => number)).size).toBe(ALL)
  const titles = scenarios.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
  expect(titles).toEqual(
    expect.arrayContaining(differencesOf(setName).map(({ scenario }) => scenario)),
  )
})
