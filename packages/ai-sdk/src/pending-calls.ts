import { BoundedMap, shared } from '@trulayer/core/internal'

import { fieldOf, textOrUndefined } from './types.ts'

/** The little of a turn that says which conversation it belongs to. */
export interface ConversationTurn {
  readonly id: string
  readonly owner: object
  readonly sessionId: string
  readonly userId: string | undefined
}

/** A turn that waits for a person or for a client. */
export interface PausedTurn {
  readonly traceId: string
  readonly sessionId: string
}

/** The answer to a call that an earlier turn left open. */
export interface ResumedCall {
  readonly turn: PausedTurn
  readonly toolCallId: string | undefined
  readonly toolName: string
  /** What the client's tool returned; `undefined` for an approval, after which the SDK runs the tool itself. */
  readonly result: { readonly output: unknown; readonly isError: boolean } | undefined
}

interface Candidate extends PausedTurn {
  readonly knownSession: string | undefined
  readonly userId: string | undefined
}

const REMEMBERED_CALLS = 10_000
/* Turns that wait under one key. With more of them an answer is ambiguous anyway. */
const CANDIDATES_PER_KEY = 100

/*
 * By recorder, since the conversations of two clients are not related. The key of a call consists of its id, its tool and a
 * digest of what the user has said before it: some providers count ids from zero in every conversation, so that an id
 * alone may belong to another user's turn.
 */
const pendingCalls = shared(
  'ai-sdk:pending-calls-by-conversation',
  () => new WeakMap<object, BoundedMap<string, readonly Candidate[]>>(),
)

/** Remembers which turn a call waits in. Without the messages before it the call cannot be matched with an answer. */
export function rememberPending(
  call: {
    readonly approvalId?: string | undefined
    readonly id: string | undefined
    readonly name: string
  },
  turn: ConversationTurn,
  userTexts: readonly string[] | undefined,
): void {
  if (userTexts === undefined) {
    return
  }
  const key =
    call.approvalId === undefined ? callKey(call.id, call.name) : approvalKey(call.approvalId)
  const pending =
    pendingCalls.get(turn.owner) ?? new BoundedMap<string, readonly Candidate[]>(REMEMBERED_CALLS)
  pendingCalls.set(turn.owner, pending)
  const fullKey = inConversation(key, userTexts)
  const others = (pending.get(fullKey) ?? []).filter(({ traceId }) => traceId !== turn.id)
  const candidate: Candidate = {
    traceId: turn.id,
    sessionId: turn.sessionId,
    knownSession: knownSessionOf(turn),
    userId: turn.userId,
  }
  pending.set(fullKey, [...others, candidate].slice(-CANDIDATES_PER_KEY))
}

/**
 * The calls of earlier turns that these messages answer. Only what follows the last message of the model is an answer, for
 * later turns repeat the rest. An answer that may belong to several turns, or to one of another session or user, belongs to
 * none.
 */
export function takeResumed(messages: unknown, resuming: ConversationTurn): ResumedCall[] {
  const pending = pendingCalls.get(resuming.owner)
  const latest = Array.isArray(messages)
    ? messages.findLastIndex((message) => fieldOf(message, 'role') === 'assistant')
    : -1
  if (pending === undefined || !Array.isArray(messages) || latest < 0) {
    return []
  }
  const answers = answersAfter(messages, latest)
  if (answers.length === 0) {
    return []
  }
  const userTexts = userTextsIn(messages.slice(0, latest)) ?? []
  const resumed: ResumedCall[] = []
  const answered = new Map<string, string>()
  for (const { key, toolCallId, toolName, result } of answers) {
    const fullKey = inConversation(key, userTexts)
    const turn = onlyMatch(pending.get(fullKey) ?? [], resuming)
    if (turn !== undefined) {
      const { traceId, sessionId } = turn
      resumed.push({ turn: { traceId, sessionId }, toolCallId, toolName, result })
      answered.set(fullKey, traceId)
    }
  }
  // Afterwards, since several calls of one turn may have the same key.
  for (const [key, traceId] of answered) {
    const others = (pending.get(key) ?? []).filter((candidate) => candidate.traceId !== traceId)
    if (others.length === 0) {
      pending.delete(key)
    } else {
      pending.set(key, others)
    }
  }
  return resumed
}

/** What the user says in the messages, or in a prompt that is a text; `undefined` for anything else. */
export function userTextsIn(messages: unknown): readonly string[] | undefined {
  if (typeof messages === 'string') {
    return [messages]
  }
  return Array.isArray(messages)
    ? messages.filter((message) => fieldOf(message, 'role') === 'user').map(textOfMessage)
    : undefined
}

/* One and the same text whether a message has text, content parts or the parts of a user interface. */
function textOfMessage(message: unknown): string {
  const content = fieldOf(message, 'content') ?? fieldOf(message, 'parts')
  if (typeof content === 'string') {
    return content
  }
  const texts = (Array.isArray(content) ? content : [])
    .filter((part) => fieldOf(part, 'type') === 'text')
    .map((part) => fieldOf(part, 'text'))
  return texts.join('')
}

function onlyMatch(
  candidates: readonly Candidate[],
  resuming: ConversationTurn,
): Candidate | undefined {
  const session = knownSessionOf(resuming)
  const possible = candidates.filter(
    ({ knownSession, userId }) => agree(knownSession, session) && agree(userId, resuming.userId),
  )
  const ofSession = possible.filter(
    ({ knownSession }) => knownSession !== undefined && knownSession === session,
  )
  const found = ofSession.length === 0 ? possible : ofSession
  return found.length === 1 ? found[0] : undefined
}

function agree(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

/* A turn without a session has its own id in its place. */
function knownSessionOf({ id, sessionId }: ConversationTurn): string | undefined {
  return sessionId === id ? undefined : sessionId
}

/** A call that a person has refused. */
export interface RefusedCall {
  readonly id: string | undefined
  readonly name: string
  readonly input: unknown
}

/** The calls that the last message refuses, which is the only one whose refusals the SDK acts upon. */
export function refusedCalls(messages: unknown): RefusedCall[] {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  if (!Array.isArray(messages) || fieldOf(last, 'role') !== 'tool') {
    return []
  }
  const refused = new Set(
    partsOf(last)
      .filter(
        (part) =>
          fieldOf(part, 'type') === 'tool-approval-response' && fieldOf(part, 'approved') === false,
      )
      .map((part) => fieldOf(part, 'approvalId')),
  )
  if (refused.size === 0) {
    return []
  }
  // Ids may repeat in a conversation, so that only the latest answer of the model can be meant.
  const earlier = partsOf(messages.findLast((message) => fieldOf(message, 'role') === 'assistant'))
  const callIds = new Set(
    earlier
      .filter(
        (part) =>
          fieldOf(part, 'type') === 'tool-approval-request' &&
          refused.has(fieldOf(part, 'approvalId')),
      )
      .map((part) => fieldOf(part, 'toolCallId')),
  )
  return earlier
    .filter(
      (part) => fieldOf(part, 'type') === 'tool-call' && callIds.has(fieldOf(part, 'toolCallId')),
    )
    .map((part) => ({
      id: textOrUndefined(fieldOf(part, 'toolCallId')),
      name: textOrUndefined(fieldOf(part, 'toolName')) ?? 'tool',
      input: fieldOf(part, 'input'),
    }))
}

interface CallAnswer {
  readonly key: string
  readonly toolCallId: string | undefined
  readonly toolName: string
  readonly result: ResumedCall['result']
}

function answersAfter(messages: readonly unknown[], latest: number): CallAnswer[] {
  const last = messages.at(-1)
  return [
    ...messages
      .slice(latest + 1)
      .filter((message) => fieldOf(message, 'role') === 'tool')
      .flatMap((message) => partsOf(message).flatMap((part) => answerOf(part, message === last))),
    ...invocationsOf(last).flatMap(answerOfInvocation),
  ]
}

/* The SDK acts on approvals in the last message alone. */
function answerOf(part: unknown, isInLastMessage: boolean): CallAnswer[] {
  const toolCallId = textOrUndefined(fieldOf(part, 'toolCallId'))
  const toolName = textOrUndefined(fieldOf(part, 'toolName')) ?? 'tool'
  switch (fieldOf(part, 'type')) {
    case 'tool-approval-response': {
      const approvalId = textOrUndefined(fieldOf(part, 'approvalId'))
      return approvalId === undefined || !isInLastMessage
        ? []
        : [{ key: approvalKey(approvalId), toolCallId, toolName, result: undefined }]
    }
    case 'tool-result': {
      const output = fieldOf(part, 'output')
      const kind = fieldOf(output, 'type')
      return [
        {
          key: callKey(toolCallId, toolName),
          toolCallId,
          toolName,
          result: {
            output: fieldOf(output, 'value') ?? output ?? fieldOf(part, 'result'),
            isError:
              kind === 'error-text' || kind === 'error-json' || fieldOf(part, 'isError') === true,
          },
        },
      ]
    }
    default:
      return []
  }
}

/* Messages of a user interface, which version 4 takes as they are, keep results beside the call. */
function answerOfInvocation(invocation: unknown): CallAnswer[] {
  if (fieldOf(invocation, 'state') !== 'result') {
    return []
  }
  const toolCallId = textOrUndefined(fieldOf(invocation, 'toolCallId'))
  const toolName = textOrUndefined(fieldOf(invocation, 'toolName')) ?? 'tool'
  return [
    {
      key: callKey(toolCallId, toolName),
      toolCallId,
      toolName,
      result: { output: fieldOf(invocation, 'result'), isError: false },
    },
  ]
}

function invocationsOf(message: unknown): readonly unknown[] {
  const invocations = fieldOf(message, 'toolInvocations')
  return Array.isArray(invocations) ? invocations : []
}

function partsOf(message: unknown): readonly unknown[] {
  const content = fieldOf(message, 'content')
  return Array.isArray(content) ? content : []
}

function approvalKey(approvalId: string): string {
  return `approval ${approvalId}`
}

function callKey(toolCallId: string | undefined, toolName: string): string {
  return `call ${toolCallId ?? ''} ${toolName}`
}

function inConversation(key: string, userTexts: readonly string[]): string {
  return `${key} ${digestOf(userTexts)}`
}

/* 64 bits in two halves of FNV-1a: the texts of users are not kept. */
function digestOf(texts: readonly string[]): string {
  let one = 0x811c9dc5
  let other = 0xc9dc5811
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index)
      one = Math.imul(one ^ unit, 0x01000193)
      other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 13)
    }
    // A border between two texts, so that they cannot be divided otherwise.
    one = Math.imul(one ^ 0x1_0000, 0x01000193)
    other = Math.imul(other ^ 0x1_0000, 0x85ebca6b)
  }
  return `${texts.length}.${one >>> 0}.${other >>> 0}`
}
