import type { TruLayer } from '@trulayer/core'
import { TruLayerExporter, withTruLayer } from '@trulayer/mastra'
import { describe, expect, test } from 'vitest'

import {
  OF_CALL,
  OF_SESSION,
  OWN_CALL,
  type SessionTurn,
  tracesInSession,
} from '../conformance/session.ts'
import { LegacyScriptedModel, ScriptedModel } from '../support/mastra-scripted-model.ts'
import { type AgentLike, loadSet, setName, type WorkflowLike } from './frameworks.ts'
import { drain } from './play.ts'

const set = await loadSet(setName)
const question = 'What is the weather in Paris?'
/* The resource of a memory is not the user that the session names. */
const memory = { thread: 'thread-1', resource: 'resource-1' }

const turns: Readonly<Record<string, SessionTurn>> = {
  'an agent': (client) => agentOf(client).generate(question),
  'an agent, streamed': async (client) => {
    const stream = await agentOf(client).stream(question)
    return () => drain(stream)
  },
  'an agent with a thread and a resource': (client) =>
    agentOf(client).generate(question, { memory }),
  'an agent on a model of version 1': (client) =>
    mastraOf(client).getAgent('legacy').generateLegacy(question),
  'a workflow': async (client) => {
    const workflow = mastraOf(client).getWorkflow('lookup')
    const run = await (workflow.createRunAsync?.() ?? workflow.createRun())
    return run.start({ inputData: { city: 'Paris' } })
  },
}

describe(`inside withSession() on ${setName}`, () => {
  test.each(Object.entries(turns))('%s is in the session', async (_, turn) => {
    expect(await tracesInSession(turn)).toMatchObject([OF_SESSION])
  })

  test('what withTruLayer() says wins', async () => {
    const tracingOptions = withTruLayer(OWN_CALL)
    const turn: SessionTurn = (client) =>
      agentOf(client).generate(question, { memory, tracingOptions })
    expect(await tracesInSession(turn)).toMatchObject([OF_CALL])
  })
})

function agentOf(client: TruLayer): AgentLike {
  return mastraOf(client).getAgent('support')
}

function mastraOf(client: TruLayer) {
  const { Agent, createTool, Mastra, Observability, z } = set
  const { getCurrentSpan } = set
  const weather = createTool({
    id: 'weather',
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async () => 'sunny',
  })
  const support = new Agent({
    id: 'support',
    name: 'support',
    instructions: '',
    model: new ScriptedModel([
      { tools: [{ id: 'call_1', name: 'weather', args: { city: 'Paris' } }] },
      { text: 'Sunny.' },
    ]),
    tools: { weather },
  })
  const legacy = new Agent({
    id: 'legacy',
    name: 'legacy',
    instructions: '',
    model: new LegacyScriptedModel([{ text: 'Sunny.' }]),
  })
  set.clearAITracingRegistry?.()
  const exporters = [new TruLayerExporter({ client, getCurrentSpan })]
  const configs = { default: { serviceName: 'test', exporters } }
  return new Mastra({
    logger: false,
    agents: { support, legacy },
    workflows: { lookup: lookup() },
    observability: Observability === undefined ? { configs } : new Observability({ configs }),
  })
}

function lookup(): WorkflowLike {
  const { createStep, createWorkflow, z } = set
  const anything = { inputSchema: z.any(), outputSchema: z.any() }
  return createWorkflow({ id: 'lookup', ...anything })
    .then(createStep({ id: 'find', ...anything, execute: async () => 'sunny' }))
    .commit()
}
