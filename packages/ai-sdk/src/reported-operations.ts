import { asyncContext, BoundedMap } from '@trulayer/core/internal'

import type { Operation } from './operation.ts'
import { fieldOf, textOrUndefined } from './types.ts'

/** An operation of version 7 that is recorded. */
export interface ReportedOperation {
  readonly callId: string
  readonly operation: Operation
  /** True for an agent of another package, whose events may have no call id, or one that concurrent runs share. */
  readonly isAgent: boolean
}

/* An agent's run in the async context of what it does. */
interface AgentScope {
  readonly owner: object
  /** `undefined` once the run is over, as a context may outlive it, and for a run that is not recorded. */
  operation: ReportedOperation | undefined
  /** True for a run that is not recorded. Its events must not be taken for those of another run. */
  readonly isIgnored: boolean
  readonly parent: AgentScope | undefined
}

const REMEMBERED_CALLS = 10_000

const agentScopes = asyncContext<AgentScope>('ai-sdk:agents')

/**
 * The open operations of one integration. Functions of the SDK are found by the id of their call. Agents of other packages
 * (`@ai-sdk/workflow` 2, `@ai-sdk/harness` 1) report events without an id, or with one that all runs share, so that their
 * runs are also kept in the async context.
 */
export class ReportedOperations<Reported extends ReportedOperation> {
  readonly #calls = new BoundedMap<string, Reported>(REMEMBERED_CALLS)
  readonly #agents = new Set<Reported>()
  /* Whether the runtime can keep the run of an agent in the async context. */
  #hasScopes = false

  /** True while a call with that id is open. */
  has(callId: string): boolean {
    return this.#calls.has(callId)
  }

  /** Adds a call until its operation is over. */
  add(reported: Reported): void {
    const { callId, operation } = reported
    operation.onOver = () => {
      if (this.#calls.get(callId) === reported) {
        this.#calls.delete(callId)
      }
    }
    if (reported.isAgent) {
      this.#addAgent(reported)
    } else {
      this.#calls.set(callId, reported)
    }
  }

  /** Notes that the run of an agent which starts here is not recorded. */
  ignoreAgent(): void {
    agentScopes.enter({ owner: this, operation: undefined, isIgnored: true, parent: undefined })
  }

  /** The call that an event belongs to. */
  find(event: unknown): Reported | undefined {
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    if (this.#agents.size > 0) {
      const scope = this.#scopeOf(callId)
      if (scope !== undefined) {
        return [...this.#agents].find((agent) => agent === scope.operation)
      }
    }
    return callId === undefined ? this.#onlyAgent() : this.#calls.get(callId)
  }

  #addAgent(reported: Reported): void {
    const { callId, operation } = reported
    const parent = openScope(agentScopes.current())
    const scope: AgentScope = { owner: this, operation: reported, isIgnored: false, parent }
    const { onOver } = operation
    operation.onOver = () => {
      onOver?.()
      this.#agents.delete(reported)
      scope.operation = undefined
    }
    // Concurrent runs may share an id, which then identifies none of them.
    const isShared = this.#isAgentId(callId)
    this.#agents.add(reported)
    this.#hasScopes = agentScopes.enter(scope)
    if (isShared) {
      this.#calls.delete(callId)
    } else {
      this.#calls.set(callId, reported)
    }
  }

  /* The agent's run in whose async context the event is reported. */
  #scopeOf(callId: string | undefined): AgentScope | undefined {
    let scope = openScope(agentScopes.current())
    while (scope !== undefined) {
      const { owner, operation, isIgnored, parent } = scope
      const isSame = isIgnored ? this.#isAgentId(callId) : callId === operation?.callId
      if (owner === this && (callId === undefined || isSame)) {
        return scope
      }
      scope = openScope(parent)
    }
    return undefined
  }

  #isAgentId(callId: string | undefined): boolean {
    return [...this.#agents].some((agent) => agent.callId === callId)
  }

  /* Without scopes an event that names no call can be matched only while one agent runs. */
  #onlyAgent(): Reported | undefined {
    const [only] = this.#agents
    return this.#agents.size === 1 && !this.#hasScopes ? only : undefined
  }
}

/* The nearest run of an agent that is not over. */
function openScope(from: AgentScope | undefined): AgentScope | undefined {
  let scope = from
  while (scope !== undefined && scope.operation === undefined && !scope.isIgnored) {
    scope = scope.parent
  }
  return scope
}
