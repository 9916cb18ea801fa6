import { isText, type RunFields } from '@trulayer/core/internal'

import type { RunMetadata } from './types.ts'

/**
 * The session, thread and user of a call. Only these entries of the metadata are read: older versions of LangChain copy
 * all of `configurable` into it, secrets included.
 *
 * @param hidden - what is known of `configurable` besides
 */
export function mapSession(
  metadata: RunMetadata | undefined,
  hidden?: RunMetadata,
): Pick<RunFields, 'sessionId' | 'conversationId' | 'userId'> {
  const idOf = (key: string): string | undefined => toId(metadata?.[key]) ?? toId(hidden?.[key])
  return {
    sessionId: idOf('session_id') ?? idOf('conversation_id'),
    conversationId: idOf('thread_id'),
    userId: idOf('user_id'),
  }
}

function toId(value: unknown): string | undefined {
  if (isText(value)) {
    return value
  }
  return typeof value === 'number' ? String(value) : undefined
}
