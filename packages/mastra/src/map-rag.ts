import { attributes, read, readText, type RunFields } from '@trulayer/core/internal'

import { mapProvider } from './map-model.ts'
import type { MastraSpan } from './types.ts'

/** True for a search by vector, which reports everything but the text that is searched for. */
export function isVectorSearch(span: MastraSpan): boolean {
  return span.type === 'rag_vector_operation' && readText(span.attributes, 'operation') === 'query'
}

/** The text that an embedding was made of to search with it; `undefined` for embeddings of documents and other spans. */
export function embeddedQuery(span: MastraSpan): string | undefined {
  const isQuery = span.type === 'rag_embedding' && read(span.attributes, 'mode') !== 'ingest'
  return isQuery && span.errorInfo === undefined ? readText(span, 'input') : undefined
}

/**
 * What is recorded of an embedding or a search beyond what every span has.
 *
 * @param query - the text that a search is for, where it is known
 */
export function mapRag(
  span: MastraSpan,
  query?: string,
): Pick<RunFields, 'input' | 'model' | 'metadata'> | undefined {
  if (span.type === 'rag_embedding') {
    return {
      model: readText(span.attributes, 'model'),
      metadata: {
        [attributes.operationName]: 'embeddings',
        [attributes.providerName]: mapProvider(readText(span.attributes, 'provider')),
      },
    }
  }
  return isVectorSearch(span)
    ? {
        input: query === undefined ? undefined : mapSearch(query, span.input),
        metadata: {
          [attributes.operationName]: 'retrieval',
          [attributes.requestTopK]: read(span.attributes, 'topK'),
        },
      }
    : undefined
}

function mapSearch(query: string, input: unknown): unknown {
  const filter = read(input, 'filter')
  return filter === undefined ? query : { query, filter }
}

/** Of vectors, their number and length, as embeddings of every framework are recorded. */
export function mapVectors({ attributes: reported, output }: MastraSpan): unknown {
  const dimensions = read(reported, 'dimensions') ?? read(output, 'dimensions')
  return dimensions === undefined ? output : { vectors: read(reported, 'inputCount'), dimensions }
}
