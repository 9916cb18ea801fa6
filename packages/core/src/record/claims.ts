import { attributes } from '../shape/attributes.ts'
import { userTexts } from '../shape/messages.ts'
import { read } from '../shape/read.ts'
import type { Run, RunStart } from './run.ts'

/** What a model is asked, as far as it distinguishes one call from another. */
export interface AskedModel {
  readonly model: string | undefined
  /**
   * All texts of the user, as `userTexts` returns them. The latest one alone is often the same for several users: `yes`.
   * Without it the call is found only in its own context.
   */
  readonly text: string | undefined
}

/** What an adapter knows of a model call of its framework that a library below may record as well. */
export interface CallClaim extends AskedModel {
  /** True for a run that stands for several calls, one after the other. */
  readonly isSeries?: boolean
  /** False while the framework is certainly not about to make the call. */
  isExpected?(): boolean
  /** Called with the run of the library below that is matched. */
  taken?(run: Run): void
}

/** A call that the framework above has recorded already. */
export interface ClaimedCall {
  /** The run of the framework. */
  readonly call: Run
  /** The operation of the library below that the call belongs to, if any. It records nothing but this call. */
  readonly operation: Run | undefined
  /** The run in which the library below starts its own. */
  readonly parent: Run
}

interface OpenCall {
  readonly claim: CallClaim
  /** The run or the operation of the library below that is the same call. */
  taker: Run | undefined
}

/**
 * The open model calls of frameworks whose models may be instrumented as well (rule 6 of the trace). What the library below
 * starts in the same place with the same model is the same call. Each call is matched once, by one operation of the library,
 * or again by the attempt that follows a failed one.
 */
export class Claims {
  readonly #open = new Map<Run, OpenCall>()

  /** Adds a call of a framework. */
  add(call: Run, claim: CallClaim): void {
    this.#open.set(call, { claim, taker: undefined })
  }

  /** Removes a call that has ended, and returns the run of the library below that was matched with it. */
  delete(call: Run): Run | undefined {
    const taker = this.#open.get(call)?.taker
    this.#open.delete(call)
    return taker
  }

  /** Finds the call that the library below is about to start, or to start an operation for. */
  find(start: RunStart, place: Run | undefined): ClaimedCall | undefined {
    if (this.#open.size === 0 || start.claims !== undefined || start.newTrace === true) {
      return undefined
    }
    return start.type === 'llm'
      ? ((place === undefined ? undefined : this.#inside(start, place)) ??
          this.#beside({ model: start.model, text: userTexts(start.inputMessages) }, place))
      : this.#beside(start.asks?.(), place)
  }

  /** Notes which run is the same call. */
  note({ call, operation }: ClaimedCall, run: Run): void {
    const open = this.#open.get(call)
    if (open !== undefined) {
      open.taker = operation ?? run
      open.claim.taken?.(run)
    }
  }

  /* In the context of the call, or right around it. */
  #inside(start: RunStart, parent: Run): ClaimedCall | undefined {
    for (const [call, { claim, taker }] of this.#open) {
      if (call.turn === parent.turn && call.type === 'llm') {
        const operation = isOperation(parent) && !call.isInside(parent) ? parent : undefined
        if (
          isFree({ claim, taker }, operation) &&
          this.#isPlaceOf(call, parent, operation) &&
          isSameModel(call, claim, start)
        ) {
          return { call, operation, parent }
        }
      }
    }
    return undefined
  }

  /*
   * Where the framework's context does not reach its own call: outside of the framework, where the host has called it. There
   * the calls of other users may be, so that everything the user said has to be the same.
   */
  #beside(asked: AskedModel | undefined, place: Run | undefined): ClaimedCall | undefined {
    if (asked?.model === undefined || asked.text === undefined) {
      return undefined
    }
    for (const [call, { claim, taker }] of this.#open) {
      if (
        (call.model ?? claim.model) === asked.model &&
        claim.text === asked.text &&
        outsideOf(call)?.nearestOpen() === place &&
        isFree({ claim, taker }, undefined) &&
        claim.isExpected?.() !== false
      ) {
        return { call, operation: undefined, parent: call }
      }
    }
    return undefined
  }

  #isPlaceOf(call: Run, parent: Run, operation: Run | undefined): boolean {
    return (
      this.#isAround(call, parent) ||
      (operation?.parent !== undefined &&
        operation.startedAt >= call.startedAt &&
        this.#isAround(call, operation.parent))
    )
  }

  /* The call itself, or what is right around it: a framework's context does not know of all of its plumbing. */
  #isAround(call: Run, place: Run): boolean {
    let run: Run | undefined = call
    while (run !== place && run !== undefined && (run.isFolded || this.#open.has(run))) {
      run = run.parent
    }
    return run === place
  }
}

/* What a library opens around its calls. A span of the host's own stays what it is. */
function isOperation(run: Run): boolean {
  return run.type === 'other' && run.metadata?.[attributes.framework] !== undefined
}

function isFree({ claim, taker }: OpenCall, operation: Run | undefined): boolean {
  return (
    taker === undefined ||
    taker === operation ||
    taker.status === 'error' ||
    (claim.isSeries === true && !taker.isOpen)
  )
}

function isSameModel(call: Run, claim: CallClaim, start: RunStart): boolean {
  const model = call.model ?? claim.model
  const operationName = start.metadata?.[attributes.operationName]
  return model === undefined
    ? call.metadata?.[attributes.operationName] === operationName
    : model === start.model
}

/* The run that was active where the host has called the framework. */
function outsideOf(call: Run): Run | undefined {
  let run = call.parent
  while (run !== undefined && adapterOf(run) === adapterOf(call)) {
    run = run.parent
  }
  return run
}

function adapterOf(run: Run): unknown {
  return read(run.notes, 'adapter')
}
