import { isText } from '@trulayer/core/internal'
import { className, isClassicAgent, isFrameworkName, userName } from './fold-run.ts'
import type { RunKind } from './run-notes.ts'
import type { ChainStarted, RetrieverStarted, RunTags } from './types.ts'

/* Tags that LangChain and LangGraph put on their own runs. */
const FRAMEWORK_TAG =
  /^(?:seq:step:|map:key:|condition:|branch:|retry:attempt:|graph:step:|langsmith:|nostream$)/

/** The tags that a user gave. */
export function userTags(tags: RunTags | undefined): string[] {
  return tags === undefined ? [] : tags.filter((tag) => isText(tag) && !FRAMEWORK_TAG.test(tag))
}

/**
 * The name of a graph, node or chain: the user's, else a word for what it is, never a class name.
 *
 * @param nodeName - the name of the node that consists of this graph
 */
export function mapChainName(
  run: ChainStarted,
  kind: RunKind,
  nodeName: string | undefined,
): string {
  if (kind === 'graph') {
    return userName(run) ?? nodeName ?? 'agent'
  }
  if (kind === 'node' || kind === 'named') {
    return run.runName ?? 'chain'
  }
  return userName(run) ?? (isClassicAgent(run.serialized) ? 'agent' : (run.runType ?? 'chain'))
}

/** The name of a chain where everything is shown: plumbing goes by LangChain's own names, classes included. */
export function mapFullName(run: ChainStarted, kind: RunKind): string {
  return kind === 'plumbing'
    ? (run.runName ?? className(run.serialized) ?? 'chain')
    : mapChainName(run, kind, undefined)
}

/**
 * What a retriever searches: its run name, else the first tag of its own, which for a vector store names the store.
 *
 * @param inherited - the tags of the run above
 */
export function mapRetrieverName(run: RetrieverStarted, inherited: RunTags | undefined): string {
  const own = userTags(run.tags).find((tag) => inherited?.includes(tag) !== true)
  const name = run.runName === undefined || isFrameworkName(run.runName) ? own : run.runName
  return name ?? 'retrieve'
}
