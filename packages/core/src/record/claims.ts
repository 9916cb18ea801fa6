import { attributes } from '../shape/attributes.ts'
import type { Run, RunStart } from './run.ts'

/** A call that a framework above has told already. */
export interface ClaimedCall {
  /** As the framework told it. */
  readonly call: Run
  /** The operation of the library below that the call belongs to, where it has one: nothing but the framework's call. */
  readonly operation: Run | undefined
}

/**
 * The open calls of a turn that are made by a library which may be instrumented itself (rule 6 of the trace). A framework
 * that cannot put its call into our context leaves the library to look for it: what starts beside an open call, with the
 * same model, is that call once more. Each is found once, or by one operation of the library.
 */
export class Claims {
  readonly #open = new Map<Run, Run | undefined>()

  /** Adds a call of a framework. */
  add(call: Run): void {
    this.#open.set(call, undefined)
  }

  /** Lets go of a call that has ended. */
  delete(call: Run): void {
    this.#open.delete(call)
  }

  /** The call that a library below is about to tell, where a framework has told it. */
  take(start: RunStart, parent: Run): ClaimedCall | undefined {
    const operation = isOperation(parent) ? parent : undefined
    for (const [call, taker] of this.#open) {
      if (isPlaceOf(call, parent, operation) && isSameModel(call, start)) {
        if (taker === undefined) {
          this.#open.set(call, operation ?? call)
          return { call, operation }
        }
        if (taker === operation) {
          return { call, operation }
        }
      }
    }
    return undefined
  }
}

/* What a library opens around its calls. A span of the host's own stays what it is. */
function isOperation(run: Run): boolean {
  return run.type === 'other' && run.metadata?.[attributes.framework] !== undefined
}

function isPlaceOf(call: Run, parent: Run, operation: Run | undefined): boolean {
  return (
    isAround(call, parent) ||
    (operation?.parent !== undefined &&
      operation.startedAt >= call.startedAt &&
      isAround(call, operation.parent))
  )
}

/* The call itself, or what is right around it: a framework's context does not know of all of its plumbing. */
function isAround(call: Run, place: Run): boolean {
  let run: Run | undefined = call
  while (run !== place && run !== undefined && (run === call || run.isFolded)) {
    run = run.parent
  }
  return run === place
}

function isSameModel(call: Run, start: RunStart): boolean {
  const operationName = start.metadata?.[attributes.operationName]
  return call.model === undefined
    ? call.metadata?.[attributes.operationName] === operationName
    : call.model === start.model
}
