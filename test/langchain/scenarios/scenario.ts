import type { Played, Stage } from '../../../packages/langchain/test/play.ts'
import type { ScriptedReply } from '../../support/langchain-scripted-model.ts'
import type { VersionSet } from '../frameworks.ts'

/** What a scenario is played with. */
export interface ScenarioStage extends Stage {
  readonly set: VersionSet
}

/** A turn, or a few, and what is to be seen of it. */
export interface Scenario {
  /** As the list of scenarios counts them; several may show one. */
  readonly number: number
  readonly title: string
  /** The host's program. What it returns is what the host sees, which must not depend on the handler. */
  turn(stage: ScenarioStage): Promise<unknown>
  /** Every trace as text, in order of their ends. */
  readonly trees: readonly string[]
  /** Their sessions, where the host gave any. */
  readonly sessions?: readonly string[]
  /** Runs that come after their trace has left. @defaultValue 0 */
  readonly late?: number
  /** What no tree shows. */
  check?(played: Played<unknown>): void
}

/** A thread of the host, as a config. */
export const thread = { configurable: { thread_id: 'T' } }

/** The question of a user. */
export const question = { messages: [{ role: 'user', content: 'Weather?' }] }

/** A line of a tree for a model call that was answered as the scripted model does. */
export const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

/** A scripted model that goes through the replies. */
export function replying(
  set: VersionSet,
  ...script: readonly ScriptedReply[]
): InstanceType<VersionSet['Model']> {
  return new set.Model({ script })
}

/** A scripted model that gives the replies one after another, whatever it sees: for what reads others' messages. */
export function inTurn(
  set: VersionSet,
  ...replies: readonly ScriptedReply[]
): InstanceType<VersionSet['Model']> {
  let index = -1
  return new set.Model({
    script: () => {
      index += 1
      return replies[index] ?? { error: new Error(`no reply number ${index + 1}`) }
    },
  })
}

/** Everything that a stream gives. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of stream) {
    items.push(item)
  }
  return items
}

/** A reply that asks for one tool. */
export function asking(
  id: string,
  name: string,
  args: Record<string, unknown> = {},
): ScriptedReply {
  return { toolCalls: [{ id, name, args }] }
}

/** The tools that most agents here have. */
export function toolsOf({ tools: { tool }, z }: VersionSet) {
  return {
    weather: tool(({ city }: { city: string }) => `sunny in ${city}`, {
      name: 'weather',
      description: 'The weather of a city',
      schema: z.object({ city: z.string() }),
    }),
    calculator: tool(({ a, b }: { a: number; b: number }) => String(a + b), {
      name: 'calculator',
      description: 'The sum of two numbers',
      schema: z.object({ a: z.number(), b: z.number() }),
    }),
  }
}

/** The state of the graphs here. */
export function stateOf({ graph }: VersionSet) {
  return graph.Annotation.Root({
    ...graph.MessagesAnnotation.spec,
    question: graph.Annotation<string>,
  })
}
