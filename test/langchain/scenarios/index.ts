import { differenceOf } from '../differences.ts'
import { agents } from './agents.ts'
import { attaching } from './attaching.ts'
import { chains } from './chains.ts'
import { checkpoints } from './checkpoints.ts'
import { formats } from './formats.ts'
import { graphs } from './graphs.ts'
import { guardrails } from './guardrails.ts'
import { histories } from './histories.ts'
import { pauses } from './pauses.ts'
import type { Scenario } from './scenario.ts'
import { stops } from './stops.ts'
import { streams } from './streams.ts'
import { tools } from './tools.ts'

/** Every scenario, in the order of their numbers. */
export const scenarios: readonly Scenario[] = [
  ...agents,
  ...attaching,
  ...chains,
  ...checkpoints,
  ...formats,
  ...graphs,
  ...guardrails,
  ...histories,
  ...pauses,
  ...stops,
  ...streams,
  ...tools,
].toSorted((one, other) => one.number - other.number)

/** Those that a set of versions can play. */
export function scenariosOf(set: string): readonly Scenario[] {
  return scenarios.filter((scenario) => {
    const difference = differenceOf(set, scenario)
    return difference === undefined || difference.trees !== undefined
  })
}
