import { guard, type Recorder, type Run } from '@trulayer/core/internal'

import { userMetadata } from './map-root.ts'
import { isGeneration } from './span-kind.ts'
import { notesOf } from './span-notes.ts'
import type { MastraSpan } from './types.ts'

/**
 * Records the metadata that the host gave to a span inside a turn, in `createChildSpan`, `update` or `end`. From 1.30 on
 * Mastra copies the metadata of a span into every span inside it; such copies are left out.
 */
export function noteHostMetadata(recorder: Recorder, span: MastraSpan, run: Run): void {
  if (span.metadata === undefined || run.isFolded || !isHostSpan(span, run)) {
    return
  }
  recorder.update(run, { metadata: guard('the metadata of a span', () => ownMetadata(span, run)) })
}

function ownMetadata(span: MastraSpan, run: Run): Record<string, unknown> {
  const metadata = userMetadata(span.metadata)
  for (const key of Object.keys(metadata)) {
    if (isInherited(run, key, metadata[key])) {
      metadata[key] = undefined
    }
  }
  return metadata
}

/* Mastra puts metadata of its own on the steps of a call, and the arguments of a client's tool into its metadata. */
function isHostSpan({ type }: MastraSpan, run: Run): boolean {
  return type !== 'client_tool_call' && (notesOf(run)?.kind !== 'model' || isGeneration(type))
}

function isInherited(run: Run, key: string, value: unknown): boolean {
  const text = JSON.stringify(value)
  for (let above = run.parent; above !== undefined; above = above.parent) {
    const known = above.metadata?.[key]
    if (known !== undefined && JSON.stringify(known) === text) {
      return true
    }
  }
  return false
}
