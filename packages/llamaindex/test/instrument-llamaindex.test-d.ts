import { expectTypeOf, test } from 'vitest'

import { instrumentLlamaIndex } from '../src/index.ts'

declare class Model {
  private readonly key: string
  chat(message: string): Promise<number>
}

declare const settings: { callbackManager: { on(type: 'llm-start'): void } }
declare const model: Model

test('what is wrapped keeps its type', () => {
  const tl = instrumentLlamaIndex([settings, settings])
  expectTypeOf(tl.llm(model)).toEqualTypeOf<Model>()
  expectTypeOf(tl.agent(model)).toEqualTypeOf<Model>()
  expectTypeOf(tl.embedding(model)).toEqualTypeOf<Model>()
  expectTypeOf(tl.run({ name: 'turn' }, () => model.chat('Hi'))).toEqualTypeOf<Promise<number>>()
  expectTypeOf(tl.run({}, () => 'done')).toEqualTypeOf<Promise<string>>()
})

test('what is no setting, no object or no option is refused', () => {
  // @ts-expect-error there is no manager of events
  instrumentLlamaIndex({ llm: model })
  const { llm, run } = instrumentLlamaIndex(settings)
  // @ts-expect-error a name is no model
  llm('gpt-4o-mini')
  // @ts-expect-error an option that does not exist
  const refused = run({ session: 'S' }, () => 'done')
  expectTypeOf(refused).toEqualTypeOf<Promise<string>>()
})
