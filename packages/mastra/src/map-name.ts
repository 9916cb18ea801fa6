import { read, readText } from '@trulayer/core/internal'
import { hostCallOf } from './framework-entities.ts'
import { entityIdOf, isToolRequest } from './span-kind.ts'
import type { MastraSpan } from './types.ts'

/* `agent run: 'support' (resumed)`, `tool: 'search'`, `mcp_tool: 'search' on 'web'`. */
const QUOTED = /^[a-z_ ]+: '(.*?)'(?: on '.*')?(?: \(resumed\))?$/
/* What Mastra puts before the id of a processor that is a step. */
const PROCESSOR_STEP = /^processor:/
/**
 * What a span is named: the agent's, workflow's, step's or tool's own name, without what Mastra puts around it. A root may
 * have been named by the caller (`tracingOptions.rootSpanName`).
 */
export function mapName(span: MastraSpan): string {
  switch (span.type) {
    case 'agent_run':
    case 'workflow_run': {
      const quoted = nameInTitle(span.name)
      // Up to 1.0 the entity of a workflow inside an agent is the agent.
      const own = span.type === 'agent_run' ? span.entityName : hostCallOf(span)?.name
      return quoted === undefined ? span.name : (own ?? quoted)
    }
    case 'workflow_step':
      // Its entity is named after the whole workflow.
      return (entityIdOf(span) ?? nameInTitle(span.name) ?? span.name).replace(PROCESSOR_STEP, '')
    case 'tool_call':
    case 'mcp_tool_call':
    case 'provider_tool_call':
    case 'client_tool_call':
      return span.entityName ?? entityIdOf(span) ?? nameInTitle(span.name) ?? span.name
    case 'mcp_server_request':
      return isToolRequest(span)
        ? (readText(span.attributes, 'targetName') ?? span.name)
        : span.name
    case 'workflow_sleep':
      return 'sleep'
    case 'workflow_wait_event':
      return `wait for ${readText(span.attributes, 'eventName') ?? 'an event'}`
    case 'rag_embedding':
      return join('embeddings', read(span.attributes, 'model'))
    case 'rag_vector_operation':
      return (
        readText(span.attributes, 'indexName') ?? readText(span.attributes, 'store') ?? 'retrieve'
      )
    case 'processor_run':
      return span.entityName ?? span.name
    default:
      return span.name
  }
}

/** The name within what Mastra names a span: `support` in `agent run: 'support'`. */
export function nameInTitle(name: string): string | undefined {
  return QUOTED.exec(name)?.[1]
}

/** The name of a model call. */
export function modelCallName(model: string | undefined): string {
  return join('chat', model)
}

function join(operation: string, model: unknown): string {
  return typeof model === 'string' ? `${operation} ${model}` : operation
}
