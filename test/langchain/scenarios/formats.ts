import { expect } from 'vitest'

import { spanNamed } from '../../../packages/langchain/test/play.ts'
import type { Invocable } from '../frameworks.ts'
import {
  asking,
  inTurn,
  LLM,
  question,
  replying,
  type Scenario,
  type ScenarioStage,
} from './scenario.ts'

interface FormatOptions {
  readonly handleError?: string
  readonly toolMessageContent?: string
}

/* An agent whose response has a format that a tool call carries. The first attempt does not fit it. */
function forecaster({ set }: ScenarioStage, options: FormatOptions = {}): Invocable {
  const { createAgent, toolStrategy } = set.langchain
  const schema = { title: 'Answer', type: 'object', properties: { degrees: { type: 'number' } } }
  return createAgent({
    name: 'forecaster',
    model: inTurn(
      set,
      { ...asking('c1', 'Answer', { degrees: 'warm' }), delay: 40 },
      { ...asking('c2', 'Answer', { degrees: 21 }), delay: 40 },
    ),
    tools: [],
    responseFormat: toolStrategy(schema as never, options),
  })
}

function structured(title: string, options: FormatOptions, failure: string): Scenario {
  return {
    number: 8,
    title: `a response by toolStrategy, ${title}`,
    turn: (stage) => forecaster(stage, options).invoke(question, { callbacks: stage.callbacks }),
    trees: [
      `\
forecaster · ok · 40 in, 10 out
├─ ${LLM}
├─ other Answer · error (${failure})
└─ ${LLM}`,
    ],
    check: ({ trace }) => {
      expect(trace.output).toEqual({ degrees: 21 })
      const attempt = spanNamed(trace, 'Answer')
      expect(attempt).toMatchObject({
        input: { degrees: 'warm' },
        metadata: { 'gen_ai.tool.call.id': 'c1', 'trulayer.synthetic': true },
      })
      expect(attempt.startedAt).toBeGreaterThanOrEqual(trace.spans[0]?.endedAt ?? Infinity)
    },
  }
}

const INVALID = "Error: Failed to parse structured output for tool 'Answer'"

/** Responses of a given format, and tools that run without LangChain. */
export const formats: readonly Scenario[] = [
  structured('after an attempt that does not fit', {}, `${INVALID}:…`),
  structured(
    'whose host writes the messages',
    { handleError: 'Give a number.', toolMessageContent: 'Noted.' },
    'Error: Give a number.',
  ),
  {
    number: 8,
    title: 'a response by toolStrategy in an agent that is a node',
    turn: (stage) => {
      const { StateGraph, START, MessagesAnnotation } = stage.set.graph
      const node = async () => {
        const answered = await forecaster(stage).invoke(question)
        return answered as object
      }
      return new StateGraph(MessagesAnnotation)
        .addNode('weather', node)
        .addEdge(START, 'weather')
        .compile({ name: 'desk' })
        .invoke(question, { callbacks: stage.callbacks })
    },
    trees: [
      `\
desk · ok · 40 in, 10 out
└─ other forecaster · ok
   ├─ ${LLM}
   ├─ other Answer · error (${INVALID}:…)
   └─ ${LLM}`,
    ],
  },
  {
    number: 8,
    title: 'a node that asks its model and runs the tool itself',
    turn: (stage) => {
      const { graph, messages } = stage.set
      const model = replying(stage.set, {
        ...asking('c1', 'weather', { city: 'Paris' }),
        delay: 40,
      })
      return new graph.StateGraph(graph.MessagesAnnotation)
        .addNode('work', async (state) => {
          const asked = await model.invoke(state.messages)
          const answer = { content: 'sunny', tool_call_id: 'c1', name: 'weather' }
          return { messages: [asked, new messages.ToolMessage(answer)] }
        })
        .addEdge(graph.START, 'work')
        .compile({ name: 'desk' })
        .invoke(question, { callbacks: stage.callbacks })
    },
    trees: [
      `\
desk · ok · 20 in, 5 out
└─ other work · ok
   ├─ ${LLM}
   └─ tool weather · ok`,
    ],
    check: ({ trace }) => {
      const model = trace.spans.find(({ type }) => type === 'llm')
      const tool = spanNamed(trace, 'weather')
      expect(tool).toMatchObject({ input: { city: 'Paris' }, output: 'sunny' })
      expect(tool.startedAt).toBeGreaterThanOrEqual(model?.endedAt ?? Infinity)
    },
  },
]
