import { readText } from './read.ts'
import type { MastraSpan } from './types.ts'

/* Agents that Mastra makes and runs itself; before 1.x they are visible. */
const FRAMEWORK_AGENTS: ReadonlySet<string> = new Set(['structured-output-structurer'])

/** True for a run of an agent that nobody but Mastra knows. */
export function isListedFrameworkEntity(span: MastraSpan): boolean {
  const id = span.entityId ?? readText(span.attributes, 'agentId')
  return id !== undefined && FRAMEWORK_AGENTS.has(id)
}
