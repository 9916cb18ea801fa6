import {
  attributes,
  type Fields,
  isObject,
  monotonicClock,
  type Recorder,
  type Run,
  type RunEnd,
} from '@trulayer/core/internal'

import { parseArguments } from './parse-arguments.ts'
import { rememberPending } from './pending-calls.ts'
import { fieldOf, textOrUndefined } from './types.ts'

/* A call that the model has asked for and that nobody has executed so far. */
interface AskedCall {
  readonly id: string | undefined
  readonly name: string
  /* As the model wrote it: parsed only where it is shown, for most calls are executed and told by the tool. */
  readonly input: unknown
  readonly askedAt: number
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
  readonly #early: (string | undefined)[] = []
  #outcomes: CallOutcome[] = []
  /* Calls of the provider whose results come with a later answer. */
  readonly #deferred = new Map<string, { readonly call: AskedCall; readonly run: Run }>()

  constructor(recorder: Recorder, run: Run) {
    this.#recorder = recorder
    this.#run = run
  }

  /** A model call begins: what ran before belongs to an earlier answer. */
  begin(): void {
    this.#early.length = 0
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
  executed(id: string | undefined): void {
    const index = this.#asked.findIndex((call) => call.id === id)
    if (index < 0) {
      this.#early.push(id)
    } else {
      this.#asked.splice(index, 1)
    }
  }

  /** A part of a step, from the stream or from the result; the same one may come twice. */
  note(part: unknown): void {
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

  /** The operation ends: what is left has not been executed, and by now it is known why. */
  settle(end: RunEnd): void {
    for (const call of this.#asked) {
      const callEnd = this.#endOf(call, end)
      if (callEnd !== undefined) {
        this.#recorder.end(this.#start(call), callEnd)
      }
    }
    this.#asked = []
    for (const { call, run } of this.#deferred.values()) {
      this.#recorder.end(run, this.#endOf(call, end) ?? { status: 'incomplete' })
    }
    this.#deferred.clear()
  }

  #ask(part: unknown, now: number): void {
    const call: AskedCall = {
      id: textOrUndefined(fieldOf(part, 'toolCallId')),
      name: textOrUndefined(fieldOf(part, 'toolName')) ?? 'tool',
      input: fieldOf(part, 'input') ?? fieldOf(part, 'args'),
      askedAt: now,
    }
    if (fieldOf(part, 'providerExecuted') === true) {
      const run = this.#start(call)
      if (run !== undefined && call.id !== undefined) {
        this.#deferred.set(call.id, { call, run })
      }
      return
    }
    const early = this.#early.indexOf(call.id)
    if (early < 0) {
      this.#asked.push(call)
    } else {
      this.#early.splice(early, 1)
    }
  }

  #endDeferred(part: unknown): void {
    const id = textOrUndefined(fieldOf(part, 'toolCallId'))
    const run = id === undefined ? undefined : this.#deferred.get(id)?.run
    if (id === undefined || run === undefined || fieldOf(part, 'preliminary') === true) {
      return
    }
    this.#deferred.delete(id)
    const output = fieldOf(part, 'result') ?? fieldOf(part, 'output')
    this.#recorder.end(
      run,
      fieldOf(part, 'isError') === true ? { status: 'error', error: output } : { output },
    )
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
    const outcomes = this.#outcomes.filter(({ part }) => callIdOf(part) === call.id)
    const find = (kind: CallOutcome['kind']): CallOutcome | undefined =>
      outcomes.find((outcome) => outcome.kind === kind)
    const at = { endedAt: call.askedAt }
    if (find('denied') !== undefined) {
      return { ...at, status: 'cancelled', reason: 'rejected' }
    }
    const failures = [find('invalid'), find('error')].filter((failure) => failure !== undefined)
    const [failure] = failures
    if (failure !== undefined) {
      // The next call with the same id has an outcome of its own.
      this.#outcomes = this.#outcomes.filter((outcome) => !failures.includes(outcome))
      return { ...at, status: 'error', error: failure.value }
    }
    const approval = find('approval')
    if (approval !== undefined) {
      this.#remember({ ...call, approvalId: textOrUndefined(approval.value) })
      return { ...at, status: 'interrupted', reason: 'approval' }
    }
    if (end.status === undefined || end.status === 'ok') {
      this.#remember(call)
      return { ...at, status: 'interrupted', reason: 'client tool' }
    }
    // Version 4 fails the whole call with the first one that is unknown or invalid.
    return fieldOf(end.error, 'toolName') === call.name
      ? { ...at, status: 'error', error: end.error }
      : undefined
  }

  #remember(call: AskedCall & { readonly approvalId?: string | undefined }): void {
    const { id: traceId, sessionId } = this.#run.turn
    rememberPending(call, { traceId, sessionId })
  }
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
