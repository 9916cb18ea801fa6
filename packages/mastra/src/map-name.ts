import { read, readText } from '@trulayer/core/internal'
import { hostCallOf } from './framework-entities.ts'
import { entityIdOf } from './span-kind.ts'
import type { MastraSpan } from './types.ts'

/* `agent run: 'support' (resumed)`, `tool: 'search'`, `mcp_tool: 'search' on 'web'`. */
const QUOTED = /^[a-z_ ]+: '(.*?)'(?: on '.*')?(?: \(resumed\))?$/
const RUN_TYPES: ReadonlySet<string> = new Set(['agent_run', 'workflow_run'])

/**
 * What a span is named: the agent's, workflow's, step's or tool's own name, without what Mastra puts around it. A root may
 * have been named by the caller (`tracingOptions.rootSpanName`).
 */
export function mapName(span: MastraSpan): string {
  const quoted = QUOTED.exec(span.name)?.[1]
  if (RUN_TYPES.has(span.type)) {
    const own = hostCallOf(span)?.name ?? span.entityName
    return quoted === undefined ? span.name : (own ?? quoted)
  }
  switch (span.type) {
    case 'workflow_step':
      // Its entity is named after the whole workflow.
      return entityIdOf(span) ?? quoted ?? span.name
    case 'tool_call':
    case 'mcp_tool_call':
    case 'provider_tool_call':
    case 'client_tool_call':
      return span.entityName ?? entityIdOf(span) ?? quoted ?? span.name
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

/** The name of a model call. */
export function modelCallName(model: string | undefined): string {
  return join('chat', model)
}

function join(operation: string, model: unknown): string {
  return typeof model === 'string' ? `${operation} ${model}` : operation
}
