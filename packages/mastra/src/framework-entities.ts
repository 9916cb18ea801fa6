import { read, readText } from '@trulayer/core/internal'
import type { MastraSpan } from './types.ts'

/* Agents that Mastra makes and runs itself; before 1.x they are visible. */
const FRAMEWORK_AGENTS: ReadonlySet<string> = new Set(['structured-output-structurer'])

const NETWORK = 'agent-loop-main-workflow'
const DURABLE_AGENT = 'durable-agentic-loop'
/* Workflows in which Mastra runs networks and durable agents; up to 1.30 they are visible. */
const FRAMEWORK_WORKFLOWS: ReadonlySet<string> = new Set([
  NETWORK,
  'iteration-with-validation',
  'Agent-Network-Outer-Workflow',
  DURABLE_AGENT,
  'durable-agentic-execution',
])

/** True for a run of an agent that nobody but Mastra knows. */
export function isListedFrameworkEntity(span: MastraSpan): boolean {
  const id = span.entityId ?? readText(span.attributes, 'agentId')
  return id !== undefined && FRAMEWORK_AGENTS.has(id)
}

/** True for a run of a workflow that nobody but Mastra knows. */
export function isFrameworkWorkflow(span: MastraSpan): boolean {
  return span.type === 'workflow_run' && FRAMEWORK_WORKFLOWS.has(workflowIdOf(span) ?? '')
}

/* Of each part of an answer Mastra runs a processor anew, which would be a span for every word. */
const SHOWN_PHASES: ReadonlySet<unknown> = new Set([
  'input',
  'inputStep',
  'outputStep',
  'outputResult',
])
const STREAM_PHASE = 'outputStream'
/* The workflow in which Mastra runs the processors of an agent that are none. */
const PROCESSORS = /-(?:in|out)put-processor$/

/** True for a workflow of the host's that an agent runs as a processor, but for parts of an answer. */
export function isProcessorOfHost(span: MastraSpan): boolean {
  return (
    span.type === 'workflow_run' &&
    SHOWN_PHASES.has(read(span.input, 'phase')) &&
    !PROCESSORS.test(workflowIdOf(span) ?? '')
  )
}

/** True for a processor of a stream's part that Mastra reports without the agent around it, from 1.45 on. */
export function isStrayProcessor(span: MastraSpan): boolean {
  return (
    span.parentSpanId === undefined &&
    (span.type === 'workflow_run' || span.type === 'workflow_step') &&
    read(span.input, 'phase') === STREAM_PHASE &&
    read(span.input, 'streamParts') !== undefined
  )
}

/** What the host called, where it shows as one of Mastra's own workflows. */
export interface HostCall {
  readonly name: string
  readonly input: unknown
  /** Known at the end. */
  readonly output: unknown
  readonly threadId: unknown
  readonly resourceId: unknown
}

/** The host's call behind a workflow of Mastra's own; `undefined` for any other span. */
export function hostCallOf(span: MastraSpan): HostCall | undefined {
  const { input, output } = span
  switch (span.type === 'workflow_run' ? workflowIdOf(span) : undefined) {
    case NETWORK:
      return {
        name: 'network',
        input: read(input, 'task'),
        output: read(output, 'result'),
        threadId: read(input, 'threadId'),
        resourceId: read(input, 'threadResourceId'),
      }
    case DURABLE_AGENT:
      return {
        name: readText(input, 'agentName') ?? 'agent',
        input: read(input, 'messageListState', 'messages'),
        output: undefined,
        threadId: read(input, 'state', 'threadId'),
        resourceId: read(input, 'state', 'resourceId'),
      }
    case undefined:
    default:
      return undefined
  }
}

function workflowIdOf(span: MastraSpan): string | undefined {
  return span.entityId ?? readText(span.attributes, 'workflowId')
}
