import { guard, isText, read, type Run, shared } from '@trulayer/core/internal'

import { mapToolInput } from './map-tool.ts'
import { notesOf } from './run-notes.ts'
import type { ToolCallLike } from './types.ts'

/** A call that a model asked for. */
export interface AskedToolCall {
  readonly id: string
  readonly name: string
  /** Its arguments as JSON text, which is what a tool is started with; `undefined` for what is no JSON or too long. */
  readonly argumentsText: string | undefined
  /** When the model had asked for it, by the monotonic clock. */
  readonly askedAt: number | undefined
  /** The run that answers it, once one is known. */
  run: Run | undefined
  /** Which attempt at it that run is. */
  attempt: number
}

/* Longer ones are not remembered: they would have to be held until the turn is over. */
const LONGEST_ARGUMENTS = 100_000

/*
 * By turn, and gone with it. In order and not by id: some providers use one id for several calls of a step, or count from
 * zero in every agent and every conversation.
 */
const callsOfTurns = shared(
  'langchain:askedToolCalls',
  () => new WeakMap<object, AskedToolCall[]>(),
)

/** The calls that a model asked for, as they are remembered: tools do not always say which call they answer, nor always start. */
export function mapToolCalls(calls: readonly ToolCallLike[]): AskedToolCall[] {
  return calls.flatMap(({ id, name, args }) =>
    isText(id) && isText(name)
      ? [unanswered({ id, name, argumentsText: toText(args), askedAt: undefined })]
      : [],
  )
}

/** Adds calls that a model of the turn asked for, or that an earlier turn left unanswered. */
export function addToolCalls(
  turn: object,
  calls: readonly AskedToolCall[],
  askedAt?: number,
): void {
  const known = callsOf(turn)
  const added = calls.filter(
    (call) => !known.some((other) => other.run === undefined && isSameCall(other, call)),
  )
  if (added.length > 0) {
    callsOfTurns.set(turn, [...known, ...added.map((call) => unanswered({ ...call, askedAt }))])
  }
}

/* Two copies of the handler report one call twice. */
function isSameCall(one: AskedToolCall, other: AskedToolCall): boolean {
  return one.id === other.id && one.name === other.name && one.argumentsText === other.argumentsText
}

/** The calls of a turn that nothing has answered for good, without the runs that tried. */
export function unansweredToolCalls(turn: object): readonly AskedToolCall[] {
  return callsOf(turn)
    .filter(({ run }) => run === undefined || run.status === 'interrupted')
    .map((call) => unanswered(call))
}

/* A call without the runs that tried it. */
function unanswered({
  id,
  name,
  argumentsText,
  askedAt,
}: Omit<AskedToolCall, 'run' | 'attempt'>): AskedToolCall {
  return { id, name, argumentsText, askedAt, run: undefined, attempt: 1 }
}

/**
 * The call that a message of a tool answers, of those that a model of the turn asked for.
 *
 * @param without - calls that other messages of the same node answer
 */
export function findToolCall(
  turn: object,
  answer: { readonly id: string | undefined; readonly name: string | undefined },
  without: ReadonlySet<AskedToolCall>,
): AskedToolCall | undefined {
  const sameId = callsOf(turn).filter((call) => call.id === answer.id)
  const sameName = narrow(sameId, ({ name }) => name === answer.name)
  const isUnanswered = ({ run }: AskedToolCall): boolean => run === undefined || run.isOpen
  return (
    sameName.find((call) => isUnanswered(call) && !without.has(call)) ??
    sameName.find((call) => !without.has(call)) ??
    sameName.at(-1)
  )
}

/** True where a model of the turn asked for a call that no run answers, or that an open one does. */
export function hasOpenToolCalls(turn: object): boolean {
  return callsOf(turn).some(({ run }) => run === undefined || run.isOpen)
}

/** True for the run of a tool that answers a call. */
export function isClaimed(run: Run): boolean {
  return callsOf(run.turn).some((call) => call.run === run)
}

/**
 * Finds the call that a tool answers: by its id, else, since `@langchain/core` tells no id before 1.1.28, the first of that
 * name and those arguments that is not answered yet.
 */
export function claimToolCall(
  run: Run,
  tool: { readonly id: string | undefined; readonly name: string | undefined; input: unknown },
): AskedToolCall | undefined {
  const call = tool.id === undefined ? findByArguments(run, tool) : findById(run, tool)
  if (call !== undefined) {
    // Middleware tries again what failed, as the same call.
    call.attempt = call.run?.status === 'error' ? call.attempt + 1 : 1
    call.run = run
  }
  return call
}

/** The arguments of a call as a span shows them. */
export function toolCallInput(call: AskedToolCall): unknown {
  return mapToolInput(call.argumentsText)
}

/* Of several with that id the one with that name and those arguments, and of these the one that needs an answer most. */
function findById(
  run: Run,
  tool: { readonly id: string | undefined; readonly name: string | undefined; input: unknown },
): AskedToolCall | undefined {
  const sameId = callsOf(run.turn).filter((call) => call.id === tool.id)
  if (sameId.length < 2) {
    return sameId[0]
  }
  const sameName = narrow(sameId, ({ name }) => name === tool.name)
  const candidates = narrow(sameName, (call) => hasArguments(call, tool.input))
  return (
    candidates.find((call) => call.run === undefined) ??
    candidates.find((call) => call.run?.status !== 'ok') ??
    candidates.at(-1)
  )
}

/* Those that match, or all where none does. */
function narrow(
  calls: readonly AskedToolCall[],
  matches: (call: AskedToolCall) => boolean,
): readonly AskedToolCall[] {
  const found = calls.filter(matches)
  return found.length === 0 ? calls : found
}

function findByArguments(
  run: Run,
  tool: { readonly name: string | undefined; input: unknown },
): AskedToolCall | undefined {
  if (isInsideTool(run)) {
    return undefined
  }
  return callsOf(run.turn).find(
    (call) =>
      (call.run === undefined || call.run.status === 'interrupted') &&
      (tool.name === undefined || tool.name === call.name) &&
      hasArguments(call, tool.input),
  )
}

/* A tool that takes a text is started with that text alone. */
function hasArguments(call: AskedToolCall, input: unknown): boolean {
  return (
    call.argumentsText !== undefined &&
    (call.argumentsText === input || read(toolCallInput(call), 'input') === input)
  )
}

/* What a tool calls by itself no model asked for; an agent inside a tool has a graph and a model of its own. */
function isInsideTool(run: Run): boolean {
  for (
    let above = run.parent;
    above !== undefined && notesOf(above)?.kind !== 'graph';
    above = above.parent
  ) {
    if (above.type === 'tool') {
      return true
    }
  }
  return false
}

function callsOf(turn: object): readonly AskedToolCall[] {
  return callsOfTurns.get(turn) ?? []
}

function toText(args: unknown): string | undefined {
  const text =
    typeof args === 'string' ? args : guard('the arguments of a call', () => toJson(args))
  return text === undefined || text.length > LONGEST_ARGUMENTS ? undefined : text
}

function toJson(value: unknown): string | undefined {
  // Typed as always giving a text, which for `undefined` it does not.
  const text: unknown = JSON.stringify(value)
  return isText(text) ? text : undefined
}
