/*
 * The little of LlamaIndex's shapes that is read. Structural, so that this package needs no LlamaIndex at run time and a
 * program type-checks without it.
 */

/** `Settings`, as `llamaindex` and `@llamaindex/core/global` export it. */
export interface LlamaIndexSettings {
  readonly callbackManager: object
}

/** The manager that LlamaIndex tells its events. */
export interface EventManager {
  on(type: string, handler: (event: unknown) => void): unknown
  off(type: string, handler: (event: unknown) => void): unknown
  dispatchEvent(type: string, detail: unknown, isSynchronous?: boolean): void
}

/** Who called, as LlamaIndex knows it: an object of its own for every call. */
export interface EventCaller {
  /** The engine or model that was called. */
  readonly caller: unknown
  /** Who called that. */
  readonly parent: EventCaller | null
  readonly id: string
}

/** An event at the moment when it is told. */
export interface ToldEvent {
  readonly type: string
  readonly detail: unknown
  readonly caller: EventCaller | undefined
}

/** A function of the host's. */
export type HostFunction = (this: unknown, ...parameters: readonly unknown[]) => unknown
