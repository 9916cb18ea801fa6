/*
 * An agent with memory, which two turns of one conversation talk to, and a workflow that waits for a person. The models are
 * scripted, so that it runs without a key; with TRULAYER_API_KEY in place of the mode the traces go to TruLayer.
 */
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { MockMemory } from '@mastra/core/memory'
import { InMemoryStore } from '@mastra/core/storage'
import { createTool } from '@mastra/core/tools'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { Observability } from '@mastra/observability'
import { init } from '@trulayer/core'
import { clearTraces, spanTree } from '@trulayer/core/testing'
import { trulayerObservability, trulayerTraceId, withTruLayer } from '@trulayer/mastra'
import { ScriptedModel } from '@trulayer/test/support/mastra-scripted-model.ts'
import { z } from 'zod'

const trulayer = init({ mode: process.env.TRULAYER_API_KEY === undefined ? 'local' : 'live' })
clearTraces()
trulayer.onTrace((trace) => {
  console.log(`${spanTree(trace)}\n  session ${trace.sessionId}\n`)
})

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ sky: `sunny in ${city}` }),
})

const support = new Agent({
  id: 'support',
  name: 'support',
  instructions: 'Answer in one sentence.',
  model: new ScriptedModel([
    { tools: [{ id: 'call-1', name: 'weather', args: { city: 'Paris' } }] },
    { text: 'It is sunny in Paris.' },
  ]),
  tools: { weather },
  memory: new MockMemory(),
})

const approve = createStep({
  id: 'approve',
  inputSchema: z.object({ amount: z.number() }),
  outputSchema: z.object({ approved: z.boolean() }),
  suspendSchema: z.object({ question: z.string() }),
  resumeSchema: z.object({ approved: z.boolean() }),
  execute: async ({ inputData, resumeData, suspend }) =>
    resumeData ?? (await suspend({ question: `Refund ${inputData.amount} euros?` })),
})

const refund = createWorkflow({
  id: 'refund',
  inputSchema: z.object({ amount: z.number() }),
  outputSchema: z.object({ approved: z.boolean() }),
})
  .then(approve)
  .commit()

const mastra = new Mastra({
  logger: false,
  agents: { support },
  workflows: { refund },
  storage: new InMemoryStore({ id: 'example' }),
  observability: new Observability({
    configs: { default: trulayerObservability({ serviceName: 'example' }) },
  }),
})

const agent = mastra.getAgent('support')
const memory = { thread: 'conversation-1', resource: 'user-1' }
const answer = await agent.generate('What is the weather in Paris?', { memory })
await agent.generate('And now?', { memory })
await trulayer.submitFeedback({ traceId: trulayerTraceId(answer), label: 'good' })

const run = await mastra.getWorkflow('refund').createRun()
await run.start({
  inputData: { amount: 20 },
  tracingOptions: withTruLayer({ sessionId: 'refund-1', userId: 'user-1', tags: ['plan:pro'] }),
})
await run.resume({ step: 'approve', resumeData: { approved: true } })

await mastra.observability.flush()
