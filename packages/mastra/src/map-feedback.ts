import type { Feedback } from '@trulayer/core'

import type { MastraFeedbackEvent, MastraScoreEvent } from './types.ts'

/** What is said of a trace, without its id. */
export type Verdict = Omit<Feedback, 'traceId'>

const GOOD: ReadonlySet<string> = new Set(['up', 'thumbs_up', 'true', 'good', 'positive', 'like'])
const BAD: ReadonlySet<string> = new Set([
  'down',
  'thumbs_down',
  'false',
  'bad',
  'negative',
  'dislike',
])

/** A scorer's score: a number without a verdict, for what is good differs by scorer. */
export function mapScore({ score }: MastraScoreEvent): Verdict {
  return {
    label: 'neutral',
    score: score.score,
    ...(score.reason === undefined ? {} : { comment: score.reason }),
    metadata: { source: 'scorer', scorer: score.scorerName ?? score.scorerId ?? 'scorer' },
  }
}

/** A person's feedback. */
export function mapFeedback({ feedback }: MastraFeedbackEvent): Verdict {
  const { value, comment, feedbackType, feedbackSource, feedbackUserId } = feedback
  const metadata = { type: feedbackType, source: feedbackSource, user: feedbackUserId }
  return {
    label: labelOf(value),
    ...(typeof value === 'number' ? { score: value } : {}),
    ...(comment === undefined ? {} : { comment }),
    metadata: Object.fromEntries(
      Object.entries(metadata).flatMap(([key, text]) =>
        typeof text === 'string' ? [[key, text] as const] : [],
      ),
    ),
  }
}

/* Of numbers only those of a thumb are verdicts. */
function labelOf(value: number | string): Feedback['label'] {
  const text = String(value).toLowerCase()
  if (value === 1 || GOOD.has(text)) {
    return 'good'
  }
  return value === 0 || value === -1 || BAD.has(text) ? 'bad' : 'neutral'
}
