import { describe, expect, test } from 'vitest'

import { classifyChain, userName } from '../src/fold-run.ts'

function chain(className: string, runName?: string): { serialized: unknown; runName?: string } {
  const serialized = { id: ['langchain_core', 'runnables', className] }
  return runName === undefined ? { serialized } : { serialized, runName }
}

function node(name: string): Parameters<typeof classifyChain>[0] {
  return {
    ...chain('RunnableSequence', name),
    tags: ['graph:step:1'],
    metadata: { langgraph_node: name },
  }
}

const graph = { serialized: { id: ['langgraph', 'pregel', 'x'] }, runName: 'LangGraph' }

describe('plumbing', () => {
  test.each([
    chain('RunnableSequence'),
    chain('RunnableLambda', 'RunnableLambda'),
    chain('StrOutputParser', 'StrOutputParser'),
    chain('RunnableCallable', 'routeQuestion'),
    chain('RunnableRetry', 'ChatOpenAI'),
    chain('RunnableSequence', 'StructuredOutput'),
    chain('ChannelWrite', 'ChannelWrite<branch:to:agent>'),
    chain('Branch', 'Branch<agent,tools,__end__>'),
    chain('RunnableSequence', 'prompt'),
    { serialized: undefined },
    { serialized: null, runName: '__start__' },
    { ...chain('RunnableLambda', 'mine'), tags: ['langsmith:hidden'] },
  ])('%o', (run) => {
    expect(classifyChain(run, 'auto', undefined)).toBe('plumbing')
  })
})

test('what the user named stays', () => {
  expect(classifyChain(chain('RunnableSequence', 'RAG'), 'auto', undefined)).toBe('named')
  expect(classifyChain(chain('RunnableLambda', 'rewrite'), 'none', undefined)).toBe('named')
})

test('a graph is known by its namespace, whatever its class', () => {
  expect(classifyChain(graph, 'auto', undefined)).toBe('graph')
  expect(userName(graph)).toBeUndefined()
  expect(userName({ ...graph, runName: 'support' })).toBe('support')
})

test.each(['agent', 'tools', 'model_request', 'Summarization.before_model', 'pre_model_hook'])(
  'the node %s belongs to a prebuilt agent',
  (name) => {
    expect(classifyChain(node(name), 'auto', undefined)).toBe('plumbing')
    expect(classifyChain(node(name), 'all', undefined)).toBe('named')
  },
)

test('nodes of the user', () => {
  expect(classifyChain(node('retrieve'), 'auto', 'desk')).toBe('node')
  expect(classifyChain(node('retrieve'), 'none', 'desk')).toBe('plumbing')
  expect(classifyChain(node('desk'), 'auto', 'desk')).toBe('plumbing')
  expect(classifyChain({ ...node('retrieve'), tags: ['seq:step:1'] }, 'auto', 'desk')).toBe('named')
  expect(classifyChain({ ...node('retrieve'), runName: 'rewrite' }, 'none', 'desk')).toBe('named')
})
