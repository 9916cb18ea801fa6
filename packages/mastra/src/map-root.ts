import {
  attributes,
  isObject,
  read,
  readText,
  type RunFields,
  toTagMap,
} from '@trulayer/core/internal'
import type { Tags } from '@trulayer/core'

import { hostCallOf } from './framework-entities.ts'
import type { MastraSpan } from './types.ts'

/** Under this name `withTruLayer` puts what it is given into the metadata of a call. */
export const OWN_METADATA = 'trulayer'

const NOT_SHOWN: ReadonlySet<string> = new Set([
  OWN_METADATA,
  'runId',
  'sessionId',
  'threadId',
  'userId',
  'resourceId',
  'environment',
  'resumed',
  'resumedFromSpanId',
])

/**
 * Whom a turn belongs to, from its outermost span alone: agents inside have made-up threads and resources, and resumed
 * halves lack the metadata of the first, but share its run id.
 *
 * @param isOutermost - false inside a trace of the host's or of another framework, whose own id is the better last resort
 */
export function mapRoot(span: MastraSpan, isOutermost: boolean): RunFields {
  const { metadata } = span
  const own = read(metadata, OWN_METADATA)
  const call = hostCallOf(span)
  return {
    sessionId: toId(read(own, 'sessionId')) ?? toId(read(metadata, 'sessionId')),
    conversationId:
      toId(read(metadata, 'threadId')) ??
      toId(call?.threadId) ??
      (isOutermost ? toId(read(metadata, 'runId')) : undefined),
    userId:
      toId(read(own, 'userId')) ??
      toId(read(metadata, 'userId')) ??
      toId(read(metadata, 'resourceId')) ??
      toId(call?.resourceId),
    tags: { ...tagMap(span.tags), ...tagMap(read(own, 'tags')) },
    externalId: span.traceId,
    metadata: {
      ...userMetadata(metadata),
      ...userMetadata(read(own, 'metadata')),
      [attributes.framework]: 'mastra',
    },
  }
}

function userMetadata(metadata: unknown): Record<string, unknown> {
  return isObject(metadata)
    ? Object.fromEntries(Object.entries(metadata).filter(([key]) => !NOT_SHOWN.has(key)))
    : {}
}

/* Core reads both forms; here they are brought together. */
function tagMap(tags: unknown): Record<string, string> {
  return toTagMap(isTags(tags) ? tags : undefined)
}

function isTags(value: unknown): value is Tags {
  return isObject(value)
}

function toId(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : readText({ value }, 'value')
}
