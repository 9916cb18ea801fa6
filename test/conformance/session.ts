import type { FinishedTrace, TruLayer } from '@trulayer/core'

import { collectingClient } from '../support/collecting-client.ts'

/**
 * A turn of one framework. Where the host reads a stream later, outside of the session, the turn returns the function that
 * reads it.
 */
export type SessionTurn = (client: TruLayer) => unknown

const SESSION = {
  sessionId: 'chat-1',
  userId: 'user-1',
  tags: ['plan:pro'],
  metadata: { page: '/help', release: 7 },
  traceName: 'support chat',
} as const

/** What every trace that starts inside the session shows. */
export const OF_SESSION = {
  name: 'support chat',
  sessionId: 'chat-1',
  userId: 'user-1',
  tags: { plan: 'pro' },
  metadata: { page: '/help', release: 7, 'user.id': 'user-1' },
}

/** What a call says about itself in the tests of precedence, besides what it leaves to the session. */
export const OWN_CALL = {
  sessionId: 'call-1',
  userId: 'call-user',
  tags: ['plan:free', 'beta'],
  metadata: { page: '/call' },
} as const

/** What the trace of such a call shows: its own values first, field by field. */
export const OF_CALL = {
  name: 'support chat',
  sessionId: 'call-1',
  userId: 'call-user',
  tags: { plan: 'free', beta: 'true' },
  metadata: { page: '/call', release: 7, 'user.id': 'call-user' },
}

/** The traces of a turn that starts inside the session. */
export async function tracesInSession(turn: SessionTurn): Promise<readonly FinishedTrace[]> {
  const { client, traces, settled } = collectingClient({ limits: { grace: 100 } })
  const rest: unknown = await client.withSession(SESSION, () => turn(client))
  await (typeof rest === 'function' ? rest() : rest)
  await settled()
  return traces
}
