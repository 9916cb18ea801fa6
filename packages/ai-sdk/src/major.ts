import { readExport } from '@trulayer/core/internal'

import type { Major } from './call-settings.ts'

/* What only a later version exports; the first that is there decides. */
const MARKS: readonly (readonly [name: string, major: Major])[] = [
  ['registerTelemetry', 7],
  ['ToolLoopAgent', 6],
  ['stepCountIs', 5],
  ['appendResponseMessages', 4],
]

/** The major version of the SDK; `undefined` where the part of the namespace that is at hand does not tell. */
export function majorOf(ai: object): Major | undefined {
  return MARKS.find(([name]) => readExport(ai, name) !== undefined)?.[1]
}
