/*
 * Plays one half of a workflow that waits for a person, as a process of its own: `start` prints what is stored of the run,
 * `resume` is given it and goes on. Both print the trace that they recorded.
 */
import { TruLayer } from '@trulayer/core'
import { captureTraces, spanTree } from '@trulayer/core/testing'
import { TruLayerExporter } from '@trulayer/mastra'

import {
  createStep,
  createWorkflow,
  InMemoryStore,
  Mastra,
  Observability,
  z,
} from './newest/frameworks.js'

const [half, given] = process.argv.slice(2)
const client = new TruLayer({ apiKey: 'tl_test', exitHooks: false })
const capture = captureTraces({ client })

const human = createStep({
  id: 'human',
  inputSchema: z.any(),
  outputSchema: z.any(),
  suspendSchema: z.any(),
  resumeSchema: z.any(),
  execute: async ({ resumeData, suspend }) => resumeData ?? (await suspend({ question: 'May I?' })),
})
const flow = createWorkflow({ id: 'flow', inputSchema: z.any(), outputSchema: z.any() })
  .then(human)
  .commit()
const mastra = new Mastra({
  logger: false,
  workflows: { flow },
  storage: new InMemoryStore({ id: 'store' }),
  observability: new Observability({
    configs: { default: { serviceName: 'test', exporters: [new TruLayerExporter({ client })] } },
  }),
})
const workflow = mastra.getWorkflow('flow')
const store = await mastra.getStorage().getStore('workflows')
const workflowName = 'flow'

let stored
if (half === 'start') {
  const run = await workflow.createRun()
  await run.start({ inputData: { amount: 20 } })
  const { runId } = run
  stored = { runId, snapshot: await store.loadWorkflowSnapshot({ workflowName, runId }) }
} else {
  stored = JSON.parse(given)
  await store.persistWorkflowSnapshot({ workflowName, ...stored })
  const run = await workflow.createRun({ runId: stored.runId })
  await run.resume({ step: 'human', resumeData: { yes: true } })
}
const { id, sessionId, externalId, metadata, ...trace } = await capture.last()
const resumedFrom = metadata['trulayer.resumed_from']
console.log(
  JSON.stringify({
    stored,
    trace: { id, sessionId, externalId, resumedFrom, tree: spanTree(trace) },
  }),
)
