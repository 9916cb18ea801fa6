import { isList, read } from '@trulayer/core/internal'
import type { RunKind } from './run-notes.ts'
import type { ChainStarted, RunStarted, SerializedLike } from './types.ts'

/**
 * Which runs of a graph become spans: `auto` shows the nodes that a user named, `none` no node, and `all` every run of
 * any kind, plumbing included.
 */
export type ShownNodes = 'auto' | 'all' | 'none'

/* Nodes of the prebuilt agents and of their middleware: loops around a model and its tools that nobody named. */
const PREBUILT_NODE =
  /^(?:model_request|agent|model|call_model|tools|pre_model_hook|post_model_hook|generate_structured_response|__start__|__end__)$|\.(?:before|after)_(?:agent|model)$/

/* Names that the framework gives to runs of its own. */
const FRAMEWORK_NAME =
  /^(?:Runnable[A-Z]\w*|(?:ToolCalling|OpenAITools|OpenAIFunctions|StructuredChat|React|XML)Agent|\w*StructuredOutput|StructuredOutputRunnable|ChatAnthropicTools|insertHistory|loadHistory|retrieve_documents|document_formatter|history_aware_retriever|query_constructor|trim_messages|.*:parse_input|prompt|LangGraph|__start__|__end__|_write|(?:ChannelWrite|ChannelRead|Branch|pluck)(?:<.*)?)$/

/* Classes whose runs go by another's name: the bound runnable's, or that of a function. */
const BORROWED_NAME: ReadonlySet<string> = new Set([
  'RunnableBinding',
  'RunnableCallable',
  'RunnableRetry',
])

const GRAPH_DEFAULT_NAME = 'LangGraph'
const HIDDEN_TAG = 'langsmith:hidden'
const STEP_TAG = 'graph:step:'

/** What a chain run is. `graphName` is the name of the graph right above, where one is. */
export function classifyChain(
  run: Pick<ChainStarted, 'serialized' | 'runName' | 'tags' | 'metadata'>,
  nodes: ShownNodes,
  graphName: string | undefined,
): Exclude<RunKind, 'call'> {
  if (isGraph(classPath(run.serialized))) {
    return 'graph'
  }
  if (run.runName === undefined || run.tags?.includes(HIDDEN_TAG) === true || isStateUpdate(run)) {
    return 'plumbing'
  }
  if (isGraphNode(run)) {
    return classifyNode(run.runName, nodes, graphName)
  }
  return isUserName(run.runName, className(run.serialized)) ? 'named' : 'plumbing'
}

/** The name that the user gave to a graph or a chain; `undefined` for one that the framework made up. */
export function userName(run: Pick<ChainStarted, 'serialized' | 'runName'>): string | undefined {
  if (run.runName === undefined) {
    return undefined
  }
  if (isGraph(classPath(run.serialized))) {
    return run.runName === GRAPH_DEFAULT_NAME ? undefined : run.runName
  }
  return isUserName(run.runName, className(run.serialized)) ? run.runName : undefined
}

/** True for a node of a graph, hidden and prebuilt ones included. */
export function isGraphNode(run: Pick<RunStarted, 'runName' | 'tags' | 'metadata'>): boolean {
  return (
    run.runName !== undefined &&
    run.metadata?.['langgraph_node'] === run.runName &&
    run.tags?.some((tag) => tag.startsWith(STEP_TAG)) === true
  )
}

/** True for an agent of the time before graphs, by the namespace of its class. */
export function isClassicAgent(serialized: unknown): boolean {
  return classPath(serialized)[1] === 'agents'
}

/**
 * True for `updateState()` of a graph, which edits a checkpoint: LangGraph runs the writers of a node for it, under the
 * name of the graph with this suffix or under the `runName` of the config (langgraph 0.2 to 1.7, pregel/index).
 */
export function isStateUpdate({
  serialized,
  runName,
}: Pick<ChainStarted, 'serialized' | 'runName'>): boolean {
  const firstStep = read(serialized, 'kwargs', 'first', 'lc_id')
  const [first, second] = isList(firstStep) ? firstStep : classPath(serialized)
  return (
    first === 'langgraph' &&
    (second === 'ChannelWrite' ||
      (second !== 'pregel' && runName?.endsWith('UpdateState') === true))
  )
}

/** The class of a runnable, as LangChain serializes it. */
export function className(serialized: unknown): string | undefined {
  const name = classPath(serialized).at(-1)
  return typeof name === 'string' ? name : undefined
}

/* By namespace: the class, which comes last, has another name in each version and none in a minified bundle. */
function isGraph(path: readonly unknown[]): boolean {
  return path[0] === 'langgraph' && path[1] === 'pregel'
}

/* The functional API wraps an entrypoint into a node of the same name as its graph. */
function classifyNode(
  name: string,
  nodes: ShownNodes,
  graphName: string | undefined,
): 'node' | 'named' | 'plumbing' {
  if (nodes === 'all') {
    return 'named'
  }
  const isUserNode = !PREBUILT_NODE.test(name) && name !== graphName
  return nodes === 'auto' && isUserNode ? 'node' : 'plumbing'
}

/** True for a name that the framework gives to runs of its own. */
export function isFrameworkName(name: string): boolean {
  return FRAMEWORK_NAME.test(name)
}

function isUserName(name: string, ownClass: string | undefined): boolean {
  return (
    name !== ownClass &&
    !isFrameworkName(name) &&
    !(ownClass !== undefined && BORROWED_NAME.has(ownClass))
  )
}

function classPath(serialized: unknown): readonly unknown[] {
  if (typeof serialized !== 'object' || serialized === null) {
    return []
  }
  const { id }: SerializedLike = serialized
  return isList(id) ? id : []
}
