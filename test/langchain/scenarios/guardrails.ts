import { expect } from 'vitest'

import type { Invocable, VersionSet } from '../frameworks.ts'
import { LLM, question, replying, type Scenario } from './scenario.ts'

interface Streamable extends Invocable {
  stream(input: unknown, config?: object): Promise<AsyncIterable<unknown>>
}

/* The end that a middleware asks for, with an answer of its own. */
function leaving({ messages }: VersionSet) {
  const hook = () => ({
    messages: [new messages.AIMessage('blocked')],
    jumpTo: 'end' as const,
  })
  return { canJumpTo: ['end' as const], hook }
}

/*
 * LangChain does not report that a middleware ended the turn: its answer is the answer of the agent.
 */
function guarded(when: string, guard: (set: VersionSet) => object, tree: string): Scenario {
  return {
    number: 24,
    title: `middleware that ends the turn ${when}`,
    turn: async ({ set, callbacks }) => {
      const agent: Streamable = set.langchain.createAgent({
        name: 'support',
        model: replying(set, { text: 'Done.' }),
        tools: [],
        middleware: [guard(set)] as never,
      })
      const answer = await agent.invoke(question, { callbacks })
      let parts = 0
      for await (const _ of await agent.stream(question, { callbacks })) {
        parts += 1
      }
      return { answer, parts }
    },
    trees: [tree, tree],
    check: ({ traces }) => {
      expect(traces.map(({ output }) => output)).toEqual(['blocked', 'blocked'])
    },
  }
}

const FOUND = 'error (PIIDetectionError: PII detected: email found)'

/** Turns that a guardrail stops. */
export const guardrails: readonly Scenario[] = [
  guarded(
    'before its model is called',
    (set) => set.langchain.createMiddleware({ name: 'Guard', beforeModel: leaving(set) }),
    'support · ok',
  ),
  guarded(
    'after its model has answered',
    (set) => set.langchain.createMiddleware({ name: 'Guard', afterModel: leaving(set) }),
    `support · ok · 20 in, 5 out\n└─ ${LLM}`,
  ),
  guarded(
    'in the place of its model',
    ({ langchain, messages }) =>
      langchain.createMiddleware({
        name: 'Guard',
        wrapModelCall: () => new messages.AIMessage('blocked'),
      }),
    'support · ok',
  ),
  {
    number: 24,
    title: 'middleware that throws at what it guards against',
    turn: async ({ set, callbacks }) => {
      const agent: Invocable = set.langchain.createAgent({
        name: 'support',
        model: replying(set, { text: 'Done.' }),
        tools: [],
        middleware: [set.langchain.piiMiddleware('email', { strategy: 'block' })] as never,
      })
      const content = 'I am ann@example.com'
      return await agent
        .invoke({ messages: [{ role: 'user', content }] }, { callbacks })
        .catch(({ name }: Error) => name)
    },
    trees: [`support · ${FOUND}\n└─ other PIIMiddleware[email].before_model · ${FOUND}`],
  },
]
