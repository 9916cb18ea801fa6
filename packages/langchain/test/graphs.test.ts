import { Document } from '@langchain/core/documents'
import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages'
import { BaseRetriever } from '@langchain/core/retrievers'
import {
  Annotation,
  Command,
  END,
  entrypoint,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
  task,
} from '@langchain/langgraph'
import { expect, test } from 'vitest'

import { ScriptedChatModel } from '../../../test/support/langchain-scripted-model.ts'
import { collect, play, spanNamed } from './play.ts'

class PolicyRetriever extends BaseRetriever {
  override readonly lc_namespace = ['test']

  override _getRelevantDocuments(query: string): Promise<Document[]> {
    return Promise.resolve([new Document({ pageContent: `Policy on ${query}` })])
  }
}

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  question: Annotation<string>,
  documents: Annotation<Document[]>,
})

function replying(text: string): ScriptedChatModel {
  return new ScriptedChatModel({ script: [{ text }] })
}

/* Three nodes, one of which is a graph of two more. */
function desk() {
  const writer = new StateGraph(State)
    .addNode('draft', async () => ({ messages: [await replying('Draft.').invoke('draft')] }))
    .addNode('polish', async () => ({ messages: [await replying('Polished.').invoke('polish')] }))
    .addEdge(START, 'draft')
    .addEdge('draft', 'polish')
    .addEdge('polish', END)
    .compile({ name: 'writer' })
  return new StateGraph(State)
    .addNode('retrieve', async ({ question }) => ({
      documents: await new PolicyRetriever().withConfig({ runName: 'policies' }).invoke(question),
    }))
    .addNode('write', writer)
    .addNode('check', ({ messages }) => ({ question: `checked ${messages.length}` }))
    .addEdge(START, 'retrieve')
    .addEdge('retrieve', 'write')
    .addConditionalEdges('write', () => 'check')
    .addEdge('check', END)
    .compile({ name: 'desk' })
}

const DESK = `\
desk · ok · 40 in, 10 out
├─ other retrieve · ok
│  └─ retrieval policies · ok
├─ other writer · ok
│  ├─ other draft · ok
│  │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
│  └─ other polish · ok
│     └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
└─ other check · ok`

test('a graph with a retriever and a graph within', async () => {
  const input = { question: 'returns', messages: [new HumanMessage('How do returns work?')] }
  const { tree, trace } = await play(({ callbacks }) => desk().invoke(input, { callbacks }))
  expect(tree).toBe(DESK)
  expect(trace).toMatchObject({ input: 'How do returns work?', output: 'Polished.' })
  expect(spanNamed(trace, 'writer')).toMatchObject({
    input: 'How do returns work?',
    output: 'Polished.',
  })
  expect(spanNamed(trace, 'check').output).toEqual({ question: 'checked 3' })
  // No state dumps: documents of the state stand on the retrieval alone.
  expect(JSON.stringify(trace).match(/Policy on returns/g)).toHaveLength(1)
})

test('a graph streamed with its graphs within', async () => {
  const { tree } = await play(async ({ callbacks }) =>
    collect(
      await desk().stream(
        { question: 'returns' },
        { callbacks, streamMode: ['updates', 'custom'], subgraphs: true },
      ),
    ),
  )
  expect(tree).toBe(DESK)
})

test('no nodes when they are not wanted', async () => {
  const { tree } = await play(
    ({ callbacks }) => desk().invoke({ question: 'returns' }, { callbacks }),
    { nodes: 'none' },
  )
  expect(tree).toMatchInlineSnapshot(`
    "desk · ok · 40 in, 10 out
    ├─ retrieval policies · ok
    └─ other writer · ok
       ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
})

test('a graph without a name within a node has the name of the node', async () => {
  const { tree } = await play(({ callbacks }) => {
    const inner = new StateGraph(State)
      .addNode('answer', async () => ({ messages: [await replying('Yes.').invoke('?')] }))
      .addEdge(START, 'answer')
      .compile()
    return new StateGraph(State)
      .addNode('research', inner)
      .addNode('both', async (state) => {
        await replying('First.').invoke('?')
        return await inner.invoke(state)
      })
      .addEdge(START, 'research')
      .addEdge('research', 'both')
      .compile({ name: 'Top' })
      .invoke({ question: '?' }, { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "Top · ok · 60 in, 15 out
    ├─ other research · ok
    │  └─ other answer · ok
    │     └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other both · ok
       ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
       └─ other agent · ok
          └─ other answer · ok
             └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
})

test('a node that throws fails the turn, with the very error of the host', async () => {
  const boom = new TypeError('no stock')
  const { tree, trace, outcome } = await play(({ callbacks }) =>
    new StateGraph(State)
      .addNode('first', () => ({ question: 'x' }))
      .addNode('stock', () => {
        throw boom
      })
      .addEdge(START, 'first')
      .addEdge('first', 'stock')
      .compile({ name: 'shop' })
      .invoke({ question: '?' }, { callbacks }),
  )
  expect(outcome.status === 'threw' && outcome.error).toBe(boom)
  expect(tree).toMatchInlineSnapshot(`
    "shop · error (TypeError: no stock)
    ├─ other first · ok
    └─ other stock · error (TypeError: no stock)"
  `)
  expect(trace.error).toBe('TypeError: no stock')
})

test('a prebuilt node is shown when the error arose in it', async () => {
  const { tree } = await play(({ callbacks }) =>
    new StateGraph(State)
      .addNode('tools', () => {
        throw new Error('no such tool')
      })
      .addEdge(START, 'tools')
      .compile({ name: 'shop' })
      .invoke({ question: '?' }, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "shop · error (Error: no such tool)
    └─ other tools · error (Error: no such tool)"
  `)
})

test('a node fanned out is a span for each', async () => {
  const { tree } = await play(({ callbacks }) =>
    new StateGraph(State)
      .addNode('worker', async ({ question }: { question: string }) => ({
        messages: [await replying(question).invoke(question)],
      }))
      .addConditionalEdges(START, () =>
        ['a', 'b', 'c'].map((question) => new Send('worker', { question })),
      )
      .compile({ name: 'fan' })
      .invoke({ question: '?' }, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "fan · ok · 60 in, 15 out
    ├─ other worker · ok
    │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    ├─ other worker · ok
    │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other worker · ok
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
})

test('a model in a conditional edge from the start is kept although its run is hidden', async () => {
  const { tree } = await play(({ callbacks }) =>
    new StateGraph(State)
      .addNode('answer', () => ({ messages: [new AIMessage('Hello.')] }))
      .addConditionalEdges(START, async (state, config) => {
        await replying('answer').invoke(state.messages, config)
        return 'answer'
      })
      .compile({ name: 'router' })
      .invoke({ messages: [new HumanMessage('Hi')] }, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "router · ok · 20 in, 5 out
    ├─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other answer · ok"
  `)
})

test('a hand-off to the graph above is no error', async () => {
  const { tree, trace } = await play(({ callbacks }) => {
    const clerk = new StateGraph(State)
      .addNode('decide', () => new Command({ goto: 'expert', graph: Command.PARENT }), { ends: [] })
      .addEdge(START, 'decide')
      .compile({ name: 'clerk' })
    return new StateGraph(State)
      .addNode('clerk', clerk, { ends: ['expert'] })
      .addNode('expert', async () => ({ messages: [await replying('Solved.').invoke('?')] }))
      .addEdge(START, 'clerk')
      .compile({ name: 'office' })
      .invoke({ messages: [new HumanMessage('Help')] }, { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "office · ok · 20 in, 5 out
    ├─ other clerk · ok
    │  └─ other decide · ok
    └─ other expert · ok
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
  expect(spanNamed(trace, 'decide').metadata['trulayer.handoff_to']).toBe('expert')
})

test('tasks of the functional interface', async () => {
  const { tree, trace } = await play(({ callbacks }) => {
    const translate = task('translate', async (text: string) => {
      const { text: answer } = await replying(`${text} in French`).invoke(text)
      return answer
    })
    const workflow = entrypoint('letters', async (texts: string[]) =>
      Promise.all(texts.map((text) => translate(text))),
    )
    return workflow.invoke(['a', 'b'], { callbacks })
  })
  expect(tree).toMatchInlineSnapshot(`
    "letters · ok · 40 in, 10 out
    ├─ other translate · ok
    │  └─ llm chat gpt-4o-mini · ok · 20 in, 5 out
    └─ other translate · ok
       └─ llm chat gpt-4o-mini · ok · 20 in, 5 out"
  `)
  expect(trace.output).toEqual(['a in French', 'b in French'])
})

test('a branch that fails cancels the one beside it', async () => {
  const { tree } = await play(({ callbacks }) =>
    new StateGraph(State)
      .addNode('quick', () => Promise.reject(new Error('quick failed')))
      .addNode('slow', async (_state, config) => {
        const slow = new ScriptedChatModel({ script: [{ text: 'Late.', delay: 3000 }] })
        const messages: BaseMessage[] = [await slow.invoke('?', config)]
        return { messages }
      })
      .addEdge(START, 'quick')
      .addEdge(START, 'slow')
      .compile({ name: 'race' })
      .invoke({ question: '?' }, { callbacks }),
  )
  expect(tree).toMatchInlineSnapshot(`
    "race · error (Error: quick failed)
    ├─ other quick · error (Error: quick failed)
    └─ other slow · cancelled
       └─ llm chat gpt-4o-mini · cancelled"
  `)
})

test('a node that goes on although something in it waits is not interrupted itself', async () => {
  const { tree } = await play(({ callbacks }) => {
    const inner = new StateGraph(State)
      .addNode('ask', () => ({ question: String(interrupt('May I?')) }))
      .addEdge(START, 'ask')
      .compile({ name: 'inner' })
    return new StateGraph(State)
      .addNode('careful', async ({ question }) => {
        const answer = await inner.invoke({ question }).catch(() => undefined)
        return { question: answer === undefined ? 'nobody asked' : 'answered' }
      })
      .addEdge(START, 'careful')
      .compile({ name: 'outer', checkpointer: new MemorySaver() })
      .invoke({ question: '?' }, { callbacks, configurable: { thread_id: 'T' } })
  })
  expect(tree).toMatchInlineSnapshot(`
    "outer · ok
    └─ other inner · interrupted
       └─ other ask · interrupted"
  `)
})

test('a turn that fails while it goes on leaves its thread waiting as it was', async () => {
  const { traces } = await play(async ({ callbacks }) => {
    let attempts = 0
    const clerk = new StateGraph(State)
      .addNode('ask', () => {
        const answer = String(interrupt('May I?'))
        attempts += 1
        if (attempts === 1) {
          throw new Error('the printer is out of paper')
        }
        return { question: answer }
      })
      .addEdge(START, 'ask')
      .compile({ name: 'desk', checkpointer: new MemorySaver() })
    const config = { callbacks, configurable: { thread_id: 'T' } }
    await clerk.invoke({ question: '?' }, config)
    const failed = await clerk.invoke(new Command({ resume: 'yes' }), config).catch(String)
    return [failed, await clerk.invoke(new Command({ resume: 'yes' }), config)]
  })
  const [first] = traces
  expect(traces.map(({ status, metadata }) => [status, metadata['trulayer.resumed_from']])).toEqual(
    [
      ['interrupted', undefined],
      ['error', first?.id],
      ['ok', first?.id],
    ],
  )
})
