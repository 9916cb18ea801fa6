import { cutAtWord, isList, isObject } from '@trulayer/core/internal'

import type { DocumentLike } from './types.ts'

/** A retrieved document as a span shows it. */
export interface RetrievedDocument {
  readonly id?: string | undefined
  readonly score?: number | undefined
  readonly content: string
  readonly metadata?: unknown
}

const MAX_CONTENT = 2000

/** The documents that a retriever found, each with at most 2,000 characters of its content. */
export function mapDocuments(documents: unknown): RetrievedDocument[] {
  return isList(documents)
    ? documents.filter(isObject).map((document) => mapDocument(document))
    : []
}

function mapDocument(document: DocumentLike): RetrievedDocument {
  const { id, pageContent, metadata } = document
  const score = isObject(metadata) ? metadata['score'] : undefined
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof score === 'number' ? { score } : {}),
    content: typeof pageContent === 'string' ? cutAtWord(pageContent, MAX_CONTENT) : '',
    metadata,
  }
}
