import { read, readText } from '@trulayer/core/internal'

import { mapError, type ToldError } from './map-error.ts'
import type { MastraSpan } from './types.ts'

/** A processor that ended its agent's turn, with `abort()` or with an error. */
export interface AgentStop {
  /** The processor's id. Before 1.0, and where Mastra runs a processor without a workflow, its name. */
  readonly processor: string
  /** The name of the processor's span, which distinguishes its phases. */
  readonly span: string
  /** The text that `abort()` received. */
  readonly text?: string | undefined
  readonly error?: ToldError | undefined
  /** True where the step's model was not called. */
  readonly isBeforeCall: boolean
  /** True where Mastra leaves the span of the agent open. */
  readonly isLeftOpen: boolean
}

/* `output stream processor: moderation`. */
const NAME = /^(.+) processor: (.*)$/
const BEFORE_CALL: ReadonlySet<string> = new Set(['input step', 'llm request'])

/* What the memory of an agent runs before a model call. Observational memory throws there when its own model fails. */
const RECALL = 'memory: recall'

/** How a processor or the memory ended its agent's turn; `undefined` where the agent goes on. */
export function mapStop(span: MastraSpan): AgentStop | undefined {
  if (span.type !== 'processor_run') {
    return span.name === RECALL ? mapFailedRecall(span) : undefined
  }
  const [, named = '', processor = span.name] = NAME.exec(span.name) ?? []
  // Version 0 has spans of streams alone, which it names like those of results.
  const isVersion0 = read(span.attributes, 'processorType') !== undefined
  const phase = isVersion0 && named === 'output' ? 'output stream' : named
  const isBeforeCall = BEFORE_CALL.has(phase)
  const text = tripwireOf(span)
  if (text !== undefined) {
    const isLeftOpen = phase !== 'output' && phase !== 'output step'
    return { processor, span: span.name, text, isBeforeCall, isLeftOpen }
  }
  // Mastra logs what a processor of a stream throws, and goes on.
  const error = phase === 'output stream' ? undefined : mapError(span.errorInfo)
  return (
    error && { processor, span: span.name, error, isBeforeCall, isLeftOpen: phase !== 'output' }
  )
}

function mapFailedRecall(span: MastraSpan): AgentStop | undefined {
  const error = mapError(span.errorInfo)
  return (
    error && { processor: 'memory', span: span.name, error, isBeforeCall: true, isLeftOpen: true }
  )
}

/* In the attributes since 1.71, up to 1.45 in the output, and where no workflow runs the processor in the metadata. */
function tripwireOf({ attributes, output, metadata }: MastraSpan): string | undefined {
  return (
    readText(attributes, 'tripwireAbort', 'reason') ??
    readText(output, 'tripwire') ??
    (read(metadata, 'blocked') === true ? (readText(metadata, 'reason') ?? '') : undefined)
  )
}
