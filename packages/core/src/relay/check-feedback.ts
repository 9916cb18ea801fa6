import type { Feedback } from '../deliver/feedback.ts'
import { toUuid } from '../shape/ids.ts'
import type { JsonObject } from '../shape/json.ts'
import { isRecord } from '../shape/read.ts'
import { type Checked, findProblem, isText, optional } from './check-fields.ts'

const LONGEST_COMMENT = 10_000
const LONGEST_VALUE = 500
const MOST_METADATA = 20

/** Feedback in the words of the wire. */
interface WireFeedback {
  readonly trace_id: string
  readonly label: Feedback['label']
  readonly score?: number | null
  readonly comment?: string | null
  readonly metadata?: JsonObject | null
}

const CHECKS = {
  trace_id: (value: unknown) => value !== undefined && toUuid(value) === value,
  label: (value: unknown) => value === 'good' || value === 'bad' || value === 'neutral',
  score: optional((value) => typeof value === 'number'),
  comment: optional((value) => isText(value) && value.length <= LONGEST_COMMENT),
  metadata: optional(isSmallMetadata),
}

/** Feedback as a browser may send it: the fields of the service's own call and no others, each of its type and small. */
export function checkFeedback(value: unknown): Checked<Feedback> {
  const problem = findProblem('feedback', value, CHECKS)
  if (!isWireFeedback(value, problem)) {
    return { problem: problem ?? '' }
  }
  return {
    value: {
      traceId: value.trace_id,
      label: value.label,
      score: value.score ?? undefined,
      comment: value.comment ?? undefined,
      metadata: value.metadata ?? undefined,
    },
  }
}

/* What has no problem is feedback. */
function isWireFeedback(_value: unknown, problem: string | undefined): _value is WireFeedback {
  return problem === undefined
}

function isSmallMetadata(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.keys(value).length <= MOST_METADATA &&
    Object.values(value).every((one) => isSmall(one))
  )
}

function isSmall(value: unknown): boolean {
  return isText(value)
    ? value.length <= LONGEST_VALUE
    : typeof value === 'number' || typeof value === 'boolean' || value === null
}
