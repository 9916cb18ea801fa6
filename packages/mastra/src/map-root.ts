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

/* What Mastra itself puts into metadata, or has a field of its own. */
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
 * @param threadOfRun - the thread of an earlier turn of the same run
 */
export function mapRoot(span: MastraSpan, isOutermost: boolean, threadOfRun?: string): RunFields {
  const { metadata } = span
  const own = read(metadata, OWN_METADATA)
  return {
    sessionId: toId(read(own, 'sessionId')) ?? toId(read(metadata, 'sessionId')),
    conversationId:
      threadOf(span) ?? threadOfRun ?? (isOutermost ? toId(read(metadata, 'runId')) : undefined),
    userId: toId(read(own, 'userId')) ?? toId(read(metadata, 'userId')),
    resourceId:
      toId(read(metadata, 'resourceId')) ??
      toId(hostCallOf(span)?.resourceId) ??
      toId(read(memoryOf(span), 'resourceId')),
    tags: { ...tagMap(span.tags), ...tagMap(read(own, 'tags')) },
    externalId: span.traceId,
    metadata: {
      ...userMetadata(metadata),
      ...userMetadata(read(own, 'metadata')),
      [attributes.framework]: 'mastra',
    },
  }
}

/** The thread of a root. A network gives its own to the workflows that it runs in the context of the request alone. */
export function threadOf(span: MastraSpan): string | undefined {
  return (
    toId(read(span.metadata, 'threadId')) ??
    toId(hostCallOf(span)?.threadId) ??
    toId(read(memoryOf(span), 'thread', 'id'))
  )
}

function memoryOf({ requestContext }: MastraSpan): unknown {
  return read(requestContext, 'MastraMemory')
}

/** What the host has put into metadata. */
export function userMetadata(metadata: unknown): Record<string, unknown> {
  return isObject(metadata)
    ? Object.fromEntries(
        Object.entries(metadata).filter(
          ([key]) => !NOT_SHOWN.has(key) && !key.startsWith('__mastra'),
        ),
      )
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
