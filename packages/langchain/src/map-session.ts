import type { RunFields } from '@trulayer/core/internal'

import { isText } from './is-object.ts'
import type { RunMetadata } from './types.ts'

/**
 * The session, thread and user of a call. Only these entries of the metadata are read: older versions of LangChain copy
 * all of `configurable` into it, secrets included.
 */
export function mapSession(
  metadata: RunMetadata | undefined,
): Pick<RunFields, 'sessionId' | 'conversationId' | 'userId'> {
  if (metadata === undefined) {
    return {}
  }
  return {
    sessionId: toId(metadata['session_id']) ?? toId(metadata['conversation_id']),
    conversationId: toId(metadata['thread_id']),
    userId: toId(metadata['user_id']),
  }
}

function toId(value: unknown): string | undefined {
  if (isText(value)) {
    return value
  }
  return typeof value === 'number' ? String(value) : undefined
}
