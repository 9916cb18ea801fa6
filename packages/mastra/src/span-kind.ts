import { readText } from '@trulayer/core/internal'
import type { SpanType } from '@trulayer/core'

import {
  isFrameworkWorkflow,
  isListedFrameworkEntity,
  isProcessorOfHost,
} from './framework-entities.ts'
import type { MastraSpan } from './types.ts'

/**
 * What a span is to this package: a run of an agent, one of the levels of a model call, a tool, a container of a
 * workflow's steps, or anything else.
 */
export type SpanKind = 'agent' | 'workflow' | 'internal' | 'model' | 'tool' | 'container' | 'other'

/** How a span of Mastra's is recorded. */
export interface SpanPlan {
  readonly kind: SpanKind
  readonly type: SpanType
  /** True for plumbing. */
  readonly folded: boolean
}

const OTHER: SpanPlan = { kind: 'other', type: 'other', folded: false }
const PLUMBING: SpanPlan = { kind: 'other', type: 'other', folded: true }
const CONTAINER: SpanPlan = { kind: 'container', type: 'other', folded: true }
const TOOL: SpanPlan = { kind: 'tool', type: 'tool', folded: false }
/* Whether it is the call itself or contains it shows only by what starts inside. */
const MODEL: SpanPlan = { kind: 'model', type: 'llm', folded: false }
const LOOK_UP: SpanPlan = { kind: 'other', type: 'retrieval', folded: false }
/* The workflows in which Mastra runs an agent; told when asked for, and before 1.10 in part always. */
const INTERNAL: SpanPlan = { kind: 'internal', type: 'other', folded: true }

const PLANS: ReadonlyMap<string, SpanPlan> = new Map([
  ['agent_run', { kind: 'agent', type: 'other', folded: false }],
  ['workflow_run', { kind: 'workflow', type: 'other', folded: false }],
  ['model_generation', MODEL],
  ['model_step', MODEL],
  ['model_inference', MODEL],
  // Mastra 0.22 and before.
  ['llm_generation', MODEL],
  ['llm_step', MODEL],
  ['model_chunk', PLUMBING],
  ['llm_chunk', PLUMBING],
  ['tool_call', TOOL],
  ['mcp_tool_call', TOOL],
  ['provider_tool_call', TOOL],
  ['client_tool_call', TOOL],
  ['workflow_parallel', CONTAINER],
  ['workflow_conditional', CONTAINER],
  ['workflow_loop', CONTAINER],
  ['workflow_conditional_eval', PLUMBING],
  ['processor_run', PLUMBING],
  ['memory_operation', PLUMBING],
  ['mapping', PLUMBING],
  ['agent_signal', PLUMBING],
  ['skill_resolution', PLUMBING],
  ['rag_embedding', { kind: 'other', type: 'llm', folded: false }],
])

/* A workflow of the host's that is a processor. */
const PROCESSOR: SpanPlan = { kind: 'workflow', type: 'other', folded: false }

/* `tools/list`, `resources/templates/list`. */
const LISTING = /\/list$/

/* Steps that Mastra makes for `map()`. */
const MAPPING_STEP = /^mapping_/

/**
 * How a span is recorded. Kinds that are not known are shown, as whatever they are named.
 *
 * @param above - what it is inside of, containers aside: a workflow of the host's is inside a tool or a step, and right
 *   inside an agent as its processor alone
 */
export function planOf(span: MastraSpan, above?: SpanKind): SpanPlan {
  const isOfWorkflow = span.type === 'workflow_run' || span.type === 'workflow_step'
  if (isOfWorkflow && (above === 'agent' || above === 'model' || above === 'internal')) {
    return isProcessorOfHost(span) ? PROCESSOR : INTERNAL
  }
  if (isFrameworkWorkflow(span)) {
    return INTERNAL
  }
  const known = PLANS.get(span.type)
  if (known !== undefined) {
    return known.kind === 'agent' && isListedFrameworkEntity(span) ? PLUMBING : known
  }
  if (span.type === 'workflow_step') {
    return MAPPING_STEP.test(entityIdOf(span) ?? '') ? PLUMBING : OTHER
  }
  if (span.type === 'mcp_server_request') {
    return isToolRequest(span) ? TOOL : OTHER
  }
  if (span.type === 'rag_vector_operation') {
    const operation = readText(span.attributes, 'operation')
    return operation === 'query' || operation === 'fetch' ? LOOK_UP : OTHER
  }
  return OTHER
}

/** True for the type of the outermost level of a model call. */
export function isGeneration(type: string): boolean {
  return type === 'model_generation' || type === 'llm_generation'
}

/** True for the type of any level of a model call. */
export function isModelLevel(type: string): boolean {
  return PLANS.get(type) === MODEL
}

/** True for a request that an MCP server answers by calling a tool. */
export function isToolRequest(span: MastraSpan): boolean {
  return readText(span.attributes, 'mcpMethod') === 'tools/call'
}

/** True for a request for what an MCP server has, which clients make by themselves before each use. */
export function isListing(span: MastraSpan): boolean {
  return LISTING.test(readText(span.attributes, 'mcpMethod') ?? '')
}

/** True for a scorer, and for a step of one. */
export function isScorer(span: MastraSpan): boolean {
  return span.type === 'scorer_run' || span.type === 'scorer_step'
}

/** True for the type of the parts of a model's answer, which come by the dozen and are looked at in passing alone. */
export function isChunk(type: string): boolean {
  return type === 'model_chunk' || type === 'llm_chunk'
}

/** The id of what the span is of; before version 1 among the attributes. */
export function entityIdOf(span: MastraSpan): string | undefined {
  const { attributes } = span
  return (
    span.entityId ??
    readText(attributes, 'stepId') ??
    readText(attributes, 'agentId') ??
    readText(attributes, 'toolId') ??
    readText(attributes, 'workflowId')
  )
}
