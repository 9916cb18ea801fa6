import { tool } from 'ai'
import { z } from 'zod'

import {
  scriptedModel,
  type ScriptedModelOptions,
  type ScriptedTurn,
} from './ai-sdk-scripted-model.ts'

/** Tools that know the weather of any city and how to add. */
export const canonicalTools = {
  weather: tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => later(`sunny in ${city}`),
  }),
  calculator: tool({
    description: 'The sum of two numbers',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => later(String(a + b)),
  }),
}

/** The canonical turn: all three tools at once, then the answer. */
export const canonicalScript: readonly ScriptedTurn[] = [
  {
    toolCalls: [
      { id: 'call_1', name: 'weather', input: { city: 'Paris' } },
      { id: 'call_2', name: 'weather', input: { city: 'Berlin' } },
      { id: 'call_3', name: 'calculator', input: { a: 2, b: 3 } },
    ],
  },
  { text: ['Sunny in both', ', and 5.'] },
]

/** A model that goes through the canonical turn. */
export function canonicalModel(
  options: ScriptedModelOptions & Pick<ScriptedTurn, 'delay'> = {},
): ReturnType<typeof scriptedModel> {
  const { delay, ...others } = options
  return scriptedModel(
    canonicalScript.map(({ text, toolCalls }) => ({ text, toolCalls, delay })),
    others,
  )
}

/* Long enough for tools that are called together to run together. */
function later<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), 5)
  })
}
