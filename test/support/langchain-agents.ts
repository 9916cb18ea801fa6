import { tool } from '@langchain/core/tools'
import { z } from 'zod'

import { ScriptedChatModel, type ScriptedReply } from './langchain-scripted-model.ts'

/** A tool that knows the weather of any city. */
export const weather = tool(({ city }: { city: string }) => `sunny in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
})

/** A tool that adds. */
export const calculator = tool(({ a, b }: { a: number; b: number }) => String(a + b), {
  name: 'calculator',
  description: 'The sum of two numbers',
  schema: z.object({ a: z.number(), b: z.number() }),
})

/** The canonical turn: all three tools at once, then the answer. */
export const canonicalScript: readonly ScriptedReply[] = [
  {
    toolCalls: [
      { id: 'call_1', name: 'weather', args: { city: 'Paris' } },
      { id: 'call_2', name: 'weather', args: { city: 'Berlin' } },
      { id: 'call_3', name: 'calculator', args: { a: 2, b: 3 } },
    ],
  },
  { text: 'Sunny in both, and 5.' },
]

/** A model that goes through the canonical turn. */
export function canonicalModel(): ScriptedChatModel {
  return new ScriptedChatModel({ script: canonicalScript })
}
