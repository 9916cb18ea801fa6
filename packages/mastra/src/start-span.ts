import {
  attributes,
  BoundedMap,
  read,
  type Recorder,
  type Run,
  type RunStart,
  shared,
} from '@trulayer/core/internal'

import { beginConversation, type Conversation } from './conversation.ts'
import { hostCallOf, isStrayProcessor } from './framework-entities.ts'
import { noteHostMetadata } from './host-metadata.ts'
import { mapName } from './map-name.ts'
import { isVectorSearch, mapRag } from './map-rag.ts'
import { mapRoot } from './map-root.ts'
import { ModelClaim } from './model-claim.ts'
import { mapAgentInput } from './record-agent.ts'
import { startModel } from './record-model.ts'
import { mapTool, startTool } from './record-tool.ts'
import { runKey } from './run-key.ts'
import { settle } from './settle.ts'
import {
  isGeneration,
  isListing,
  isScorer,
  isToolRequest,
  planOf,
  type SpanKind,
  type SpanPlan,
} from './span-kind.ts'
import { notesOf, noteRun } from './span-notes.ts'
import {
  knownTrace,
  knownTurn,
  type KnownTurn,
  nameTrace,
  naturalTraceId,
  rememberTrace,
  rememberTurn,
} from './trace-names.ts'
import type { MastraSpan } from './types.ts'
import { containerOf, noteInner, notePlace } from './workflow-container.ts'

const REMEMBERED = 10_000
const RESUMED = / \(resumed\)$/

type RunInput = Pick<RunStart, 'input' | 'inputMessages'>

/* Scorers run after the turn, in traces of Mastra's own; what comes of them is a score. */
const unrecorded = shared('mastra:scorers', () => new BoundedMap<string, true>(REMEMBERED))

/** True for a span of a scorer, for a stray one, and for what is inside. */
export function isUnrecorded(span: MastraSpan): boolean {
  if (!isScorer(span) && !isStrayProcessor(span) && !isInsideUnrecorded(span)) {
    return false
  }
  unrecorded.set(span.id, true)
  return true
}

function isInsideUnrecorded({ parentSpanId }: MastraSpan): boolean {
  // Most programs have none.
  return unrecorded.size > 0 && parentSpanId !== undefined && unrecorded.has(parentSpanId)
}

/**
 * Starts the run of a span.
 *
 * @returns the run; `undefined` where nothing is recorded, or it has started already
 */
export function startSpan(recorder: Recorder, span: MastraSpan, showAll: boolean): Run | undefined {
  const key = runKey(span.id)
  const parent = parentOf(recorder, span)
  if (recorder.find(key) !== undefined || isUnrecorded(span)) {
    return undefined
  }
  if (isListing(span) && !showAll && span.errorInfo === undefined) {
    return undefined
  }
  const plan = planOf(span, kindOf(parent))
  const isContinuation = isResumed(span, parent)
  const place = isContinuation ? undefined : placeOf(recorder, span, plan, parent)
  const given =
    plan.kind === 'model' || (plan.folded && !showAll) ? hostInputOf(span) : inputOf(span, plan)
  const claim = plan.kind === 'model' ? new ModelClaim(span) : undefined
  const rag = mapRag(span, isVectorSearch(span) ? takeQuery(parent) : undefined)
  const run = recorder.start({
    key,
    parent: place?.parent,
    parentKey: place?.parentKey,
    isParentAmbient: place?.isParentAmbient,
    type: plan.type,
    name: mapName(span),
    folded: plan.folded && !showAll,
    claims: claim,
    held: plan.kind === 'model' ? true : undefined,
    traceId: place === undefined ? nameTrace(span) : undefined,
    model: rag?.model,
    metadata: plan.kind === 'tool' ? mapTool(span) : rag?.metadata,
    input: rag?.input ?? given?.input,
    inputMessages: given?.inputMessages,
  })
  if (run === undefined) {
    return undefined
  }
  const conversation = conversationOf(run, span, plan)
  // Where the host excludes its agents, a generation is the trace.
  const title = run.parent === undefined ? (span.entityName ?? 'agent') : span.name
  const container = containerOf(span, run.parent)
  const isStep = span.type === 'workflow_step'
  noteRun(run, { kind: plan.kind, title, conversation, container, isStep })
  notePlace(recorder, run, span)
  noteInner(run)
  noteHostMetadata(recorder, span, run)
  if (!isInsideMastra(run)) {
    startRoot(recorder, span, run, isContinuation)
  } else if (span.parentSpanId === undefined) {
    rememberTrace(span, run.turn.id)
  }
  if (claim !== undefined && conversation !== undefined) {
    claim.conversation = conversation
    startModel(recorder, span, run, { conversation, showAll })
  } else if (plan.kind === 'tool') {
    startTool(recorder, span, run, conversation)
  }
  return run
}

function parentOf(recorder: Recorder, span: MastraSpan): Run | undefined {
  return span.parentSpanId === undefined ? undefined : recorder.find(runKey(span.parentSpanId))
}

/* What a span is inside of, containers aside. */
function kindOf(parent: Run | undefined): SpanKind | undefined {
  let above = parent
  while (notesOf(above)?.kind === 'container') {
    above = above?.parent
  }
  return notesOf(above)?.kind
}

/* What is folded has none, but where the host's call shows as nothing else. */
function hostInputOf(span: MastraSpan): RunInput | undefined {
  const call = hostCallOf(span)
  return call === undefined ? undefined : mapAgentInput(call.input)
}

function inputOf(span: MastraSpan, plan: SpanPlan): RunInput {
  if (isToolRequest(span)) {
    return { input: read(span.input, 'arguments') }
  }
  return plan.kind === 'agent' ? mapAgentInput(span.input) : { input: span.input }
}

/* What was embedded right before, unless that was more than one text. */
function takeQuery(parent: Run | undefined): string | undefined {
  const queries = notesOf(parent)?.queries?.splice(0)
  return queries?.length === 1 ? queries[0] : undefined
}

function startRoot(recorder: Recorder, span: MastraSpan, run: Run, isContinuation: boolean): void {
  const before = interruptedTurn(recorder, span)
  recorder.update(run, mapRoot(span, run.parent === undefined, knownTurn(span)?.threadId))
  if (isContinuation || before !== undefined) {
    recorder.update(run, {
      sessionId: before?.sessionId,
      metadata: { [attributes.resumedFrom]: before?.traceId ?? interruptedTraceId(recorder, span) },
    })
  }
  rememberTrace(span, run.turn.id)
  rememberTurn(span, run.turn.id)
}

/* The turn that this one continues, if it waited in this process. */
function interruptedTurn(recorder: Recorder, span: MastraSpan): KnownTurn | undefined {
  const turn = knownTurn(span)
  if (turn?.spanId === span.id) {
    // This one, as it was told to an exporter of another client.
    return undefined
  }
  if (turn === undefined || turn.sessionId !== undefined) {
    return turn
  }
  const open = recorder.find(runKey(turn.spanId))
  const conversation = notesOf(open)?.conversation
  if (open?.isOpen !== true || conversation === undefined || open.name !== mapName(span)) {
    return undefined
  }
  // Before 1.10 nothing ends where a tool waits to be approved.
  const { sessionId } = open.turn
  const resumed = notesOf(recorder.find(runKey(span.id)))?.conversation
  if (resumed !== undefined) {
    resumed.known = conversation.known
  }
  settle(recorder, conversation, { status: 'interrupted' })
  recorder.end(open, { status: 'interrupted' })
  return { ...turn, sessionId }
}

function interruptedTraceId(recorder: Recorder, span: MastraSpan): string | undefined {
  const parent =
    span.parentSpanId === undefined ? undefined : recorder.traceIdOf(runKey(span.parentSpanId))
  return parent ?? knownTrace(span.traceId)?.traceId ?? naturalTraceId(span.traceId)
}

/* Where it starts; `undefined` for a span that may begin a trace. */
function placeOf(
  recorder: Recorder,
  span: MastraSpan,
  plan: SpanPlan,
  parent: Run | undefined,
): Pick<RunStart, 'parent' | 'parentKey' | 'isParentAmbient'> | undefined {
  if (span.parentSpanId === undefined) {
    return undefined
  }
  if (parent !== undefined) {
    const above = isLevelInside(span, plan) ? parent : besideCalls(parent)
    // What the host put between a tool and the agent inside it is nearer than the tool.
    return mayHostBeBetween(plan)
      ? { parentKey: above.key, isParentAmbient: true }
      : { parent: above }
  }
  const root = knownTrace(span.traceId)
  const rootKey = root === undefined ? undefined : runKey(root.spanId)
  if (
    span.isRootSpan !== true &&
    rootKey !== undefined &&
    recorder.find(rootKey)?.isOpen === true
  ) {
    // A filter of the host's dropped the parent after Mastra had told it (mastra-ai/mastra#18306).
    return { parentKey: rootKey, isParentAmbient: true }
  }
  const parentKey = runKey(span.parentSpanId)
  return recorder.traceIdOf(parentKey) === undefined ? undefined : { parentKey }
}

function mayHostBeBetween({ kind }: SpanPlan): boolean {
  return kind === 'agent' || kind === 'workflow'
}

/* Tools are siblings of the call that asked for them, and so is a call that the host makes inside it. */
function besideCalls(parent: Run): Run {
  let above = parent
  while (notesOf(above)?.isCall === true && above.parent !== undefined) {
    above = above.parent
  }
  return above
}

/* A generation is the outermost level of a call. */
function isLevelInside(span: MastraSpan, { kind }: SpanPlan): boolean {
  return kind === 'model' && !isGeneration(span.type)
}

function conversationOf(run: Run, span: MastraSpan, plan: SpanPlan): Conversation | undefined {
  const above = notesOf(run.parent)
  const inherited =
    above?.kind === 'tool' || above?.kind === 'workflow' ? undefined : above?.conversation
  // A second generation is that of a model which Mastra calls for itself, inside the first or for a title after it.
  const isOwner =
    plan.kind === 'agent' ||
    (plan.kind === 'model' &&
      (inherited === undefined || (isGeneration(span.type) && inherited.generation !== undefined)))
  if (!isOwner) {
    return inherited
  }
  const begun = beginConversation()
  begun.owner = run
  return begun
}

/** True for a run below another one of Mastra's. */
export function isInsideMastra(run: Run): boolean {
  for (let above = run.parent; above !== undefined; above = above.parent) {
    if (notesOf(above) !== undefined) {
      return true
    }
  }
  return false
}

/*
 * A run that goes on after it was suspended has the suspended one as its parent, whose trace has left or belongs to
 * another process. Versions before 1.x do not say so but in the name.
 */
function isResumed(span: MastraSpan, parent: Run | undefined): boolean {
  if (span.type !== 'agent_run' && span.type !== 'workflow_run') {
    return false
  }
  const isTold =
    RESUMED.test(span.name) ||
    (span.parentSpanId !== undefined &&
      read(span.metadata, 'resumedFromSpanId') === span.parentSpanId)
  return isTold && parent?.isOpen !== true
}
