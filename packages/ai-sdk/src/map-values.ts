import { toTokenCount } from '@trulayer/core/internal'

import { fieldOf } from './types.ts'
import type { ValueCallKind } from './value-call.ts'

/** Embeddings: the texts, and of the vectors their number and length. */
export const embeddings: ValueCallKind = {
  operationName: 'embeddings',
  mapInput: (options) => fieldOf(options, 'values'),
  mapAnswer: (result) => ({
    output: mapVectors(fieldOf(result, 'embeddings')),
    usage: { promptTokens: toTokenCount(fieldOf(fieldOf(result, 'usage'), 'tokens')) },
  }),
}

/** Reranking: the question and the documents, and their new order. */
export const reranking: ValueCallKind = {
  operationName: 'rerank',
  mapInput: (options) => ({
    query: fieldOf(options, 'query'),
    documents: fieldOf(fieldOf(options, 'documents'), 'values') ?? fieldOf(options, 'documents'),
  }),
  mapAnswer: (result) => ({ output: fieldOf(result, 'ranking') }),
}

/** Number and length of vectors, which say nothing to a person one by one. */
export function mapVectors(vectors: unknown): unknown {
  if (!Array.isArray(vectors)) {
    return undefined
  }
  const first: unknown = vectors[0]
  return { vectors: vectors.length, dimensions: Array.isArray(first) ? first.length : undefined }
}
