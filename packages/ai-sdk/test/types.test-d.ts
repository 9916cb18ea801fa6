import * as ai from 'ai'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import { instrumentAISDK } from '../src/index.ts'

const recorded = instrumentAISDK(ai)
const weather = recorded.tool({
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, degrees: 20 }),
})

test('the namespace keeps its types', () => {
  expectTypeOf(recorded).toEqualTypeOf<typeof ai>()
  expectTypeOf(instrumentAISDK({ streamText: ai.streamText })).toEqualTypeOf<{
    streamText: typeof ai.streamText
  }>()
})

test('generics survive', () => {
  const generate = () => recorded.generateText({ model: 'a/b', tools: { weather }, prompt: 'hi' })
  type Call = Awaited<ReturnType<typeof generate>>['staticToolCalls'][number]
  expectTypeOf<Call['toolName']>().toEqualTypeOf<'weather'>()
  expectTypeOf<Call['input']>().toEqualTypeOf<{ city: string }>()

  const stream = () =>
    recorded.streamText({
      model: 'a/b',
      output: ai.Output.object({ schema: z.object({ sum: z.number() }) }),
      prompt: 'hi',
    })
  expectTypeOf<ReturnType<typeof stream>['output']>().resolves.toEqualTypeOf<{ sum: number }>()

  const create = () => new recorded.ToolLoopAgent({ model: 'a/b', tools: { weather } })
  expectTypeOf<ReturnType<typeof create>['tools']>().toEqualTypeOf<{ weather: typeof weather }>()
})
