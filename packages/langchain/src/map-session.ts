import { isText, type RunFields } from '@trulayer/core/internal'

import type { RunMetadata } from './types.ts'

/** The entries of `metadata` and `configurable` that are read, in the spelling of LangGraph and in that of LangChain.js. */
export const SESSION_KEYS = {
  sessionId: ['session_id', 'sessionId', 'conversation_id', 'conversationId'],
  conversationId: ['thread_id'],
  userId: ['user_id', 'userId'],
} as const

/**
 * The session, thread and user of a call, from its metadata.
 *
 * @param hidden - what is known of `configurable` besides
 */
export function mapSession(
  metadata: RunMetadata | undefined,
  hidden?: RunMetadata,
): Pick<RunFields, 'sessionId' | 'conversationId' | 'userId'> {
  const idOf = (field: keyof typeof SESSION_KEYS): string | undefined =>
    firstId(metadata, field) ?? firstId(hidden, field)
  return {
    sessionId: idOf('sessionId'),
    conversationId: idOf('conversationId'),
    userId: idOf('userId'),
  }
}

function firstId(
  from: RunMetadata | undefined,
  field: keyof typeof SESSION_KEYS,
): string | undefined {
  return SESSION_KEYS[field].map((key) => toId(from?.[key])).find((id) => id !== undefined)
}

function toId(value: unknown): string | undefined {
  if (isText(value)) {
    return value
  }
  return typeof value === 'number' ? String(value) : undefined
}
