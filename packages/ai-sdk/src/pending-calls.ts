import { BoundedMap, shared } from '@trulayer/core/internal'

import { fieldOf, textOrUndefined } from './types.ts'

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

const REMEMBERED_CALLS = 10_000

/* `ambiguous` where two turns wait under one id, as those of a provider may that counts from zero. */
const pendingCalls = shared(
  'ai-sdk:pending-calls',
  () => new BoundedMap<string, PausedTurn | 'ambiguous'>(REMEMBERED_CALLS),
)

/** Remembers which turn a call waits in. */
export function rememberPending(
  call: {
    readonly approvalId?: string | undefined
    readonly id: string | undefined
    readonly name: string
  },
  turn: PausedTurn,
): void {
  const key =
    call.approvalId === undefined ? callKey(call.id, call.name) : approvalKey(call.approvalId)
  if (key !== undefined) {
    const known = pendingCalls.get(key)
    const isFree = known === undefined || (known !== 'ambiguous' && known.traceId === turn.traceId)
    pendingCalls.set(key, isFree ? turn : 'ambiguous')
  }
}

/** The calls of earlier turns that these messages answer. Each is answered once, though every later turn repeats it. */
export function takeResumed(messages: unknown): ResumedCall[] {
  if (!Array.isArray(messages)) {
    return []
  }
  const resumed: ResumedCall[] = []
  for (const answer of answersIn(messages)) {
    const turn = answer.key === undefined ? undefined : pendingCalls.get(answer.key)
    if (answer.key !== undefined && turn !== undefined) {
      pendingCalls.delete(answer.key)
    }
    if (turn !== undefined && turn !== 'ambiguous') {
      resumed.push({
        turn,
        toolCallId: answer.toolCallId,
        toolName: answer.toolName,
        result: answer.result,
      })
    }
  }
  return resumed
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
  const earlier = messages.flatMap(partsOf)
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
  readonly key: string | undefined
  readonly toolCallId: string | undefined
  readonly toolName: string
  readonly result: ResumedCall['result']
}

function answersIn(messages: readonly unknown[]): CallAnswer[] {
  return messages.flatMap((message) => [
    ...(fieldOf(message, 'role') === 'tool' ? partsOf(message).flatMap(answerOf) : []),
    ...invocationsOf(message).flatMap(answerOfInvocation),
  ])
}

function answerOf(part: unknown): CallAnswer[] {
  const toolCallId = textOrUndefined(fieldOf(part, 'toolCallId'))
  const toolName = textOrUndefined(fieldOf(part, 'toolName')) ?? 'tool'
  switch (fieldOf(part, 'type')) {
    case 'tool-approval-response': {
      const approvalId = textOrUndefined(fieldOf(part, 'approvalId'))
      const key = approvalId === undefined ? undefined : approvalKey(approvalId)
      return [{ key, toolCallId, toolName, result: undefined }]
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

function callKey(toolCallId: string | undefined, toolName: string): string | undefined {
  return toolCallId === undefined ? undefined : `call ${toolCallId} ${toolName}`
}
