import { type Recorder, reportedEnd, startTimer } from '@trulayer/core/internal'

import type { Conversation } from './conversation.ts'
import type { ToldError } from './map-error.ts'
import { settle } from './settle.ts'

const GRACE = 1000
const UNTOLD: ToldError = { name: 'Error', message: 'the model call failed' }

/**
 * Ends the run of an agent whose model failed, unless Mastra does so itself within a second: versions before 1.30 leave it
 * open for ever, and do not tell the error (mastra-ai/mastra#14660).
 */
export function overdueAgent(
  recorder: Recorder,
  conversation: Conversation,
  error: ToldError | undefined,
): void {
  const { owner } = conversation
  if (owner === undefined || owner === conversation.generation?.run) {
    return
  }
  const endedAt = recorder.now()
  const told = error ?? UNTOLD
  startTimer(() => {
    if (owner.isOpen) {
      const end = { ...reportedEnd(told), endedAt }
      settle(recorder, conversation, end)
      recorder.end(owner, end)
    }
  }, GRACE)
}
