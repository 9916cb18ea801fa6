import { attributes } from '../shape/attributes.ts'
import type { JsonObject, JsonValue } from '../shape/json.ts'
import { isMessageList, latestAssistantText, latestUserText } from '../shape/messages.ts'
import type { FinishedSpan, FinishedTrace, SpanStatus, TraceEvent } from '../shape/trace.ts'
import type { Run } from './run.ts'
import type { Turn } from './turn.ts'

const NO_EVENTS: readonly TraceEvent[] = []

/** What the client knows and the turn does not. */
export interface ProjectionOptions {
  readonly environment?: string | undefined
  /** The price of a model call in US dollars, where the run itself does not know it. */
  readonly costOf?: ((run: Run) => number | undefined) | undefined
}

/**
 * The finished trace of a turn whose runs have all ended: the root becomes the trace, plumbing is folded away and its
 * children move up (rules 1, 2 and 6 to 8 of the trace).
 */
export function projectTurn(turn: Turn, root: Run, options: ProjectionOptions): FinishedTrace {
  extendContainers(turn)
  const spans = projectRuns(turn, root, options)
  const status = root.status ?? 'incomplete'
  return {
    id: turn.id,
    name: turn.name ?? root.name,
    status,
    sessionId: turn.sessionId,
    userId: turn.userId,
    externalId: turn.externalId,
    startedAt: turn.toWallClock(root.startedAt),
    endedAt: turn.toWallClock(root.endedAt ?? turn.lastEventAt),
    input: inputOf(root) ?? inputFromChildren(turn, root),
    output: outputOf(root) ?? (status === 'ok' ? outputFromChildren(turn, root) : undefined),
    model: firstModel(spans),
    cost: root.type === 'other' ? root.cost : undefined,
    error: errorOf(root, status),
    tags: turn.tags,
    metadata: traceMetadata(turn, root, status, options),
    spans,
    events:
      turn.events.length === 0 ? NO_EVENTS : turn.events.map((event) => projectEvent(event, root)),
  }
}

/*
 * A run ends no earlier than what it contains: a function may return while its stream is read, and an end that is reported
 * with an earlier time must not lie before that of a call inside. Children come after their parents.
 */
function extendContainers(turn: Turn): void {
  for (let index = turn.runs.length - 1; index > 0; index -= 1) {
    const run = turn.runs[index]
    const parent = run?.parent
    if (
      run?.endedAt !== undefined &&
      parent?.endedAt !== undefined &&
      parent.endedAt < run.endedAt
    ) {
      parent.endedAt = run.endedAt
    }
  }
}

/*
 * Loops here and in the policy, and no callbacks: V8 throws away what it has compiled of a function that is made anew for
 * each trace whenever it collects garbage and there is none.
 */
function projectRuns(turn: Turn, root: Run, options: ProjectionOptions): FinishedSpan[] {
  const spans: FinishedSpan[] = []
  for (const run of turn.runs) {
    if (isSpan(run, root)) {
      spans.push(projectRun(run, root, turn, options))
    }
  }
  return spans
}

function firstModel(spans: readonly FinishedSpan[]): string | undefined {
  for (const span of spans) {
    if (span.type === 'llm') {
      return span.model
    }
  }
  return undefined
}

/** How many spans the trace of a turn will have. */
export function countSpans(turn: Turn, root: Run): number {
  let count = 0
  for (const run of turn.runs) {
    count += isSpan(run, root) ? 1 : 0
  }
  return count
}

/** A root that only contains other runs is the trace itself; a root that is a call is a span of its trace too. */
function isSpan(run: Run, root: Run): boolean {
  if (run === root) {
    return run.type !== 'other'
  }
  return run.isShown && run.claimedBy === undefined && (!run.isFolded || run.isErrorOrigin)
}

function projectRun(run: Run, root: Run, turn: Turn, options: ProjectionOptions): FinishedSpan {
  const status = run.status ?? 'incomplete'
  return {
    id: run.id,
    parentId: spanAbove(run, root)?.id,
    name: run.name,
    type: run.type,
    status,
    startedAt: turn.toWallClock(run.startedAt),
    endedAt: turn.toWallClock(Math.max(run.startedAt, run.endedAt ?? turn.lastEventAt)),
    input: run.input,
    output: run.output,
    model: run.model,
    usage: run.type === 'llm' ? run.usage : undefined,
    cost: run.cost ?? (run.type === 'llm' ? modelCost(run, options) : undefined),
    error: errorOf(run, status),
    metadata: spanMetadata(run, status),
  }
}

function modelCost(run: Run, options: ProjectionOptions): number | undefined {
  return options.costOf?.(run) ?? run.reportedCost
}

function errorOf(run: Run, status: SpanStatus): string | undefined {
  return status === 'error' ? (run.error ?? 'Error: unknown') : undefined
}

function spanAbove(run: Run, root: Run): Run | undefined {
  let above = run.parent
  while (above !== undefined && !isSpan(above, root)) {
    above = above.parent
  }
  return above
}

function spanMetadata(run: Run, status: SpanStatus): JsonObject {
  const metadata: Record<string, JsonValue> = { ...run.metadata }
  if (run.type === 'llm') {
    put(metadata, attributes.requestModel, run.model)
    put(metadata, attributes.usageCacheRead, run.usage?.cachedTokens)
    put(metadata, attributes.usageCacheWrite, run.usage?.cacheWriteTokens)
    put(metadata, attributes.usageReasoning, run.usage?.reasoningTokens)
  }
  metadata[attributes.status] = status
  return metadata
}

function traceMetadata(
  turn: Turn,
  root: Run,
  status: SpanStatus,
  options: ProjectionOptions,
): JsonObject {
  const metadata: Record<string, JsonValue> = {
    ...turn.metadata,
    // What the call itself was given is nearer than its session.
    ...(root.type === 'other' ? root.metadata : undefined),
  }
  put(metadata, attributes.framework, frameworkOf(turn))
  put(metadata, attributes.userId, turn.userId)
  put(metadata, attributes.deploymentEnvironment, options.environment)
  put(metadata, attributes.truncated, turn.hiddenRuns > 0 ? `${turn.hiddenRuns} spans` : undefined)
  metadata[attributes.status] = status
  return metadata
}

/* That of the outermost run that has one: a trace() around an agent has none itself. */
function frameworkOf(turn: Turn): JsonValue | undefined {
  for (const run of turn.runs) {
    const framework = run.metadata?.[attributes.framework]
    if (framework !== undefined) {
      return framework
    }
  }
  return undefined
}

function projectEvent(event: Turn['events'][number], root: Run): TraceEvent {
  const run = event.run
  const span = run === undefined || isSpan(run, root) ? run : spanAbove(run, root)
  return {
    id: event.id,
    spanId: span?.id,
    level: event.level,
    message: event.message,
    metadata: event.metadata,
  }
}

/** What a run was given, as a trace shows it: the user's latest text of a list of messages. */
function inputOf(run: Run): JsonValue | undefined {
  return isMessageList(run.input) ? (latestUserText(run.input) ?? run.input) : run.input
}

/** What a run returned, as a trace shows it: the model's latest text of a list of messages. */
function outputOf(run: Run): JsonValue | undefined {
  return isMessageList(run.output) ? (latestAssistantText(run.output) ?? run.output) : run.output
}

/*
 * A trace() around an agent was told neither input nor output: its first and its last child know them, one that is folded
 * as well where it was told them.
 */
function inputFromChildren(turn: Turn, root: Run): JsonValue | undefined {
  for (const run of turn.runs) {
    if (run.parent === root && (!run.isFolded || run.input !== undefined)) {
      return inputOf(run)
    }
  }
  return undefined
}

function outputFromChildren(turn: Turn, root: Run): JsonValue | undefined {
  let last: Run | undefined
  for (const run of turn.runs) {
    const isShown = !run.isFolded || run.output !== undefined
    if (run.parent === root && isShown && (run.type === 'other' || run.type === 'llm')) {
      last = run
    }
  }
  return last === undefined ? undefined : outputOf(last)
}

function put(metadata: Record<string, JsonValue>, key: string, value: JsonValue | undefined): void {
  if (value !== undefined) {
    metadata[key] = value
  }
}
