import {
  attributes,
  type Fields,
  guard,
  isObject,
  monotonicClock,
  reasons,
  type Recorder,
  type Run,
  type RunEnd,
} from '@trulayer/core/internal'

import { toolEnd } from './outcome.ts'
import { parseArguments } from './parse-arguments.ts'
import { rememberPending, userTextsIn } from './pending-calls.ts'
import { fieldOf, textOrUndefined } from './types.ts'

/* A call that the model has asked for and that nobody has executed so far. */
interface AskedCall {
  readonly id: string | undefined
  readonly name: string
  /* As the model wrote it: parsed only where it is shown, for most calls are executed and told by the tool. */
  readonly input: unknown
  readonly askedAt: number
  /* When the next model call of the operation began. By then the call had a result, from the program, the SDK or the provider. */
  nextCallAt: number | undefined
}

/* What identifies a call. Ids are not unique: some providers repeat one within a step, or leave it empty. */
interface CallIdentity {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly input: unknown
}

/* What the SDK made of a call that it did not execute. */
interface CallOutcome {
  readonly part: Fields
  readonly kind: 'invalid' | 'error' | 'approval' | 'denied'
  readonly value: unknown
}

/**
 * The calls that a model asks for, so that those which no tool of the program executes are spans as well: invalid and
 * unknown ones, those of the provider and of the client, and those that wait for a person.
 */
export class ToolCallLog {
  readonly #recorder: Recorder
  readonly #run: Run
  #asked: AskedCall[] = []
  /* Ids of calls that ran before the model had finished: some versions start a tool as soon as its call is there. */
  readonly #early: CallIdentity[] = []
  readonly #executedNames = new Set<string | undefined>()
  #outcomes: CallOutcome[] = []
  /* Results that ended a call here. A stream with two readers passes each part twice. */
  readonly #results: object[] = []
  /* Calls of the provider whose results come with a later answer. */
  #deferred: { readonly call: AskedCall; readonly run: Run }[] = []
  #userTexts: readonly string[] | undefined

  constructor(recorder: Recorder, run: Run) {
    this.#recorder = recorder
    this.#run = run
  }

  /** Sets what the user has said so far, which is part of the key of a call that stays pending. */
  noteConversation(messages: unknown): void {
    this.#userTexts ??= userTextsIn(messages)
  }

  /**
   * A model call begins: what ran before belongs to an earlier answer.
   *
   * @param startedAt - for a call that is reported after the fact, when all tools have run
   */
  begin(startedAt?: number): void {
    if (startedAt === undefined) {
      this.#early.length = 0
    }
    if (this.#asked.length > 0) {
      const beganAt = startedAt ?? monotonicClock()
      for (const call of this.#asked) {
        call.nextCallAt ??= beganAt
      }
    }
  }

  /** The model has answered. */
  answered(content: readonly unknown[]): void {
    const now = monotonicClock()
    for (const part of content) {
      switch (fieldOf(part, 'type')) {
        case 'tool-call':
          this.#ask(part, now)
          break
        case 'tool-result':
          this.#endDeferred(part)
          break
        default:
          this.note(part)
      }
    }
  }

  /** The program's own tool takes a call. */
  executed(call: CallIdentity): void {
    this.#executedNames.add(call.name)
    // Ids repeat from step to step.
    const asked = findCall(
      this.#asked.filter(({ nextCallAt }) => nextCallAt === undefined),
      call,
    )
    if (asked === undefined) {
      this.#early.push(call)
    } else {
      this.#asked = this.#asked.filter((other) => other !== asked)
    }
  }

  /** A part of a step, from the stream or from the result; the same one may come twice. */
  note(part: unknown): void {
    if (fieldOf(part, 'type') === 'tool-result') {
      this.#endWithResult(part)
      return
    }
    const outcome = isObject(part) ? outcomeOf(part) : undefined
    if (outcome !== undefined && this.#outcomes.every((known) => known.part !== part)) {
      this.#outcomes.push(outcome)
    }
  }

  /** The parts of all steps, where the SDK returns them. */
  noteSteps(steps: unknown): void {
    for (const step of Array.isArray(steps) ? steps : []) {
      const content = fieldOf(step, 'content')
      for (const part of Array.isArray(content) ? content : []) {
        this.note(part)
      }
    }
  }

  /** Parts of earlier steps as the next prompt repeats them. Those of earlier turns may have the same ids. */
  noteRepeated(parts: readonly Fields[]): void {
    const open = [...this.#asked, ...this.#deferred.map(({ call }) => call)]
    for (const part of parts) {
      if (open.some(({ id }) => id === callIdOf(part))) {
        this.note(part)
      }
    }
  }

  /** Ends the calls that have no result when the operation ends, with the reason that is known by then. */
  settle(end: RunEnd): void {
    let isInterrupted = false
    for (const call of this.#asked) {
      const callEnd = this.#endOf(call, end) ?? this.#endOfUnanswered(call, end)
      if (callEnd !== undefined) {
        isInterrupted ||= callEnd.status === 'interrupted'
        this.#recorder.end(this.#start(call), callEnd)
      }
    }
    this.#asked = []
    for (const { call, run } of this.#deferred) {
      this.#recorder.end(
        run,
        this.#endOf(call, end) ?? endOfProviderCall(call, { end, isInterrupted }),
      )
    }
    this.#deferred = []
  }

  #ask(part: unknown, now: number): void {
    const call: AskedCall = {
      id: textOrUndefined(fieldOf(part, 'toolCallId')),
      name: textOrUndefined(fieldOf(part, 'toolName')) ?? 'tool',
      input: fieldOf(part, 'input') ?? fieldOf(part, 'args'),
      askedAt: now,
      nextCallAt: undefined,
    }
    if (fieldOf(part, 'providerExecuted') === true) {
      const run = this.#start(call)
      if (run !== undefined) {
        this.#deferred.push({ call, run })
      }
      return
    }
    const early = findCall(this.#early, call)
    if (early === undefined) {
      this.#asked.push(call)
    } else {
      this.#early.splice(this.#early.indexOf(early), 1)
    }
  }

  /*
   * The result of a call that no tool of ours executed: the SDK puts its own `execute` in place of the one it was given
   * (tool search of ai 7), or the provider answers a call of an earlier step.
   */
  #endWithResult(part: unknown): void {
    if (!isObject(part) || this.#results.includes(part) || part['preliminary'] === true) {
      return
    }
    const id = textOrUndefined(part['toolCallId'])
    const name = textOrUndefined(part['toolName'])
    // Another tool of the same id may have been executed and have this result.
    const ofName = this.#asked.filter((asked) => name === undefined || asked.name === name)
    const call = findCall(ofName, { id, name, input: part['input'] })
    if (call === undefined) {
      this.#endDeferred(part)
      return
    }
    this.#results.push(part)
    this.#asked = this.#asked.filter((other) => other !== call)
    this.#recorder.end(this.#start(call), { ...endOfResult(part), endedAt: call.nextCallAt })
  }

  #endDeferred(part: unknown): void {
    const call = findCall(
      this.#deferred.map((deferred) => deferred.call),
      {
        id: textOrUndefined(fieldOf(part, 'toolCallId')),
        name: textOrUndefined(fieldOf(part, 'toolName')),
        input: fieldOf(part, 'input'),
      },
    )
    const run = this.#deferred.find((deferred) => deferred.call === call)?.run
    if (run === undefined || fieldOf(part, 'preliminary') === true) {
      return
    }
    this.#deferred = this.#deferred.filter((deferred) => deferred.call !== call)
    this.#recorder.end(run, endOfResult(part))
  }

  #start(call: AskedCall): Run | undefined {
    return this.#recorder.start({
      name: call.name,
      type: 'tool',
      parent: this.#run,
      input: parseArguments(call.input),
      startedAt: call.askedAt,
      metadata: {
        [attributes.operationName]: 'execute_tool',
        [attributes.toolCallId]: call.id,
        [attributes.synthetic]: true,
      },
    })
  }

  #endOf(call: AskedCall, end: RunEnd): RunEnd | undefined {
    const outcomes = this.#takeOutcomes(call)
    const find = (kind: CallOutcome['kind']): CallOutcome | undefined =>
      outcomes.find((outcome) => outcome.kind === kind)
    const at = { endedAt: call.askedAt }
    if (find('denied') !== undefined) {
      return { ...at, status: 'cancelled', reason: reasons.rejected }
    }
    const failure = find('invalid') ?? find('error')
    if (failure !== undefined) {
      return { ...at, status: 'error', error: failure.value }
    }
    const approval = find('approval')
    if (approval !== undefined) {
      this.#remember({ ...call, approvalId: textOrUndefined(approval.value) })
      return { ...at, status: 'interrupted', reason: reasons.approval }
    }
    // Version 4 fails the whole call with the first one that is unknown or invalid.
    return fieldOf(end.error, 'toolName') === call.name
      ? { ...at, status: 'error', error: end.error }
      : undefined
  }

  /*
   * One part of each type that belongs to the call. They are removed, since the next call with the same id has outcomes of
   * its own.
   */
  #takeOutcomes(call: AskedCall): CallOutcome[] {
    const sameId = this.#outcomes.filter(({ part }) => callIdOf(part) === call.id)
    const ofName = sameId.filter(({ part }) => nameOf(part) === call.name)
    // A repaired call may have another name than the one that the model wrote.
    const candidates =
      ofName.length > 0
        ? ofName
        : sameId.filter(
            ({ part }) => call.id !== undefined && !this.#executedNames.has(nameOf(part)),
          )
    const input = comparable(call.input)
    const ofInput = candidates.filter(({ part }) => comparable(inputOf(part)) === input)
    const byType = new Map<unknown, CallOutcome>()
    for (const outcome of [...ofInput, ...candidates]) {
      if (!byType.has(outcome.part['type'])) {
        byType.set(outcome.part['type'], outcome)
      }
    }
    const taken = [...byType.values()]
    this.#outcomes = this.#outcomes.filter((outcome) => !taken.includes(outcome))
    return taken
  }

  /* The SDK does not go on with a step whose calls wait for the client. */
  #endOfUnanswered(call: AskedCall, end: RunEnd): RunEnd | undefined {
    if (call.nextCallAt !== undefined) {
      return { endedAt: call.nextCallAt }
    }
    if (!isSuccess(end)) {
      return undefined
    }
    this.#remember(call)
    return { endedAt: call.askedAt, status: 'interrupted', reason: reasons.clientTool }
  }

  #remember(call: AskedCall & { readonly approvalId?: string | undefined }): void {
    rememberPending(call, this.#run.turn, this.#userTexts)
  }
}

function isSuccess(end: RunEnd): boolean {
  return end.status === undefined || end.status === 'ok'
}

/*
 * A call of the provider without a result: providers leave results out, and so do the spans of ai 5 and 6. It waits only
 * where its code has called a tool of the client.
 */
function endOfProviderCall(
  call: AskedCall,
  { end, isInterrupted }: { readonly end: RunEnd; readonly isInterrupted: boolean },
): RunEnd {
  if (!isSuccess(end)) {
    return { status: 'incomplete' }
  }
  return isInterrupted
    ? { endedAt: call.askedAt, status: 'interrupted', reason: reasons.clientTool }
    : { endedAt: call.askedAt }
}

/* A model calls it `result`, a step `output`, and a prompt has an output with a type of its own. */
function endOfResult(part: unknown): RunEnd {
  const output = fieldOf(part, 'result') ?? fieldOf(part, 'output')
  return fieldOf(part, 'isError') === true ? { status: 'error', error: output } : toolEnd(output)
}

/* Most parts tell of no such thing. */
function outcomeOf(part: Fields): CallOutcome | undefined {
  switch (part['type']) {
    case 'tool-call':
      // The call has the error itself, the failed result that follows it only its text.
      return part['invalid'] === true ? { part, kind: 'invalid', value: part['error'] } : undefined
    case 'tool-error':
      return { part, kind: 'error', value: part['error'] }
    case 'tool-approval-request':
      return { part, kind: 'approval', value: part['approvalId'] }
    case 'tool-output-denied':
      return { part, kind: 'denied', value: undefined }
    case 'tool-approval-response':
      return part['approved'] === false ? { part, kind: 'denied', value: undefined } : undefined
    default:
      return undefined
  }
}

function callIdOf(part: Fields): string | undefined {
  return textOrUndefined(part['toolCallId'] ?? fieldOf(part['toolCall'], 'toolCallId'))
}

function nameOf(part: Fields): string | undefined {
  return textOrUndefined(part['toolName'] ?? fieldOf(part['toolCall'], 'toolName'))
}

function inputOf(part: Fields): unknown {
  return part['input'] ?? fieldOf(part['toolCall'], 'input')
}

/*
 * The first of the calls with that id; where several have it, the one with that name and that input. The name alone does
 * not exclude a call, since a repair function may change it.
 */
function findCall<Call extends CallIdentity>(
  calls: readonly Call[],
  { id, name, input }: CallIdentity,
): Call | undefined {
  const sameId = calls.filter((call) => call.id === id)
  if (sameId.length < 2) {
    return sameId[0]
  }
  const sameName = sameId.filter((call) => call.name === name)
  const candidates = sameName.length === 0 ? sameId : sameName
  const text = comparable(input)
  return candidates.find((call) => comparable(call.input) === text) ?? candidates[0]
}

/* An input as JSON, whether the model wrote it as text or the SDK parsed it. */
function comparable(input: unknown): string | undefined {
  return guard('the input of a tool', () => JSON.stringify(parseArguments(input)))
}
