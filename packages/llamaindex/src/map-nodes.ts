import { guard, isList, isObject, read, readText } from '@trulayer/core/internal'

import { isFunction } from './guards.ts'

/** A retrieved node as a span shows it. */
export interface RetrievedNode {
  readonly id?: string | undefined
  readonly score?: number | undefined
  readonly content: string
  readonly metadata?: unknown
}

const MAX_CONTENT = 2000
/* In the stores of LlamaIndex, what they call the place where they look. */
const STORE_NAMES = ['collectionName', 'indexName', 'tableName'] as const

/** The nodes that a retriever found, in its order, each with at most 2,000 characters of its text. */
export function mapNodes(nodes: unknown): RetrievedNode[] {
  return isList(nodes)
    ? nodes.flatMap((found) => guard('a node of LlamaIndex', () => mapNode(found)) ?? [])
    : []
}

/** What a retriever of an engine searches, by the name of its store; `undefined` where that has none. */
export function mapStoreName(engine: unknown): string | undefined {
  const stores = read(engine, 'retriever', 'index', 'vectorStores')
  const names = Object.values(isObject(stores) ? stores : {}).flatMap((store) =>
    STORE_NAMES.flatMap((key) => readText(store, key) ?? []),
  )
  return names[0]
}

/** How many nodes an engine's retriever looks for. */
export function mapTopK(engine: unknown): number | undefined {
  const topK =
    read(engine, 'retriever', 'similarityTopK') ?? read(engine, 'retriever', 'topK', 'TEXT')
  return typeof topK === 'number' ? topK : undefined
}

function mapNode(found: unknown): RetrievedNode {
  const node = read(found, 'node')
  const id = readText(node, 'id_')
  const score = read(found, 'score')
  return {
    ...(id === undefined ? {} : { id }),
    ...(typeof score === 'number' ? { score } : {}),
    content: cut(contentOf(node)),
    metadata: read(node, 'metadata'),
  }
}

function contentOf(node: unknown): string {
  const getContent = read(node, 'getContent')
  // Without the metadata, which is shown beside it.
  const content: unknown = isFunction(getContent)
    ? Reflect.apply(getContent, node, ['NONE'])
    : read(node, 'text')
  return typeof content === 'string' ? content : ''
}

function cut(text: string): string {
  return text.length > MAX_CONTENT ? `${text.slice(0, MAX_CONTENT - 1)}…` : text
}
