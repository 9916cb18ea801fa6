import type { Feedback } from '../deliver/feedback.ts'
import { type Redaction, redactFeedback } from '../policy/redaction.ts'
import { isJsonObject } from '../shape/json.ts'
import { snapshot } from '../shape/safe-json.ts'

/** Feedback as it may leave: of plain data, and redacted. */
export function cleanFeedback(feedback: Feedback, redaction: Redaction): Feedback {
  const { comment } = feedback
  const metadata = feedback.metadata === undefined ? undefined : snapshot(feedback.metadata).value
  return {
    ...feedback,
    ...redactFeedback(
      {
        comment: typeof comment === 'string' ? comment : undefined,
        metadata: isJsonObject(metadata) ? metadata : undefined,
      },
      redaction,
    ),
  }
}
