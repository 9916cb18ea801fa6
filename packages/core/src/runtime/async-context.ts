import { builtinModule } from './environment.ts'
import { property } from './members.ts'
import { shared } from './shared-state.ts'

/** The part of Node's `AsyncLocalStorage` that is used. Workers, Deno, Bun and the edge runtimes have the same. */
export interface AsyncStorage<Value> {
  run<Result>(value: Value, callback: () => Result): Result
  getStore(): Value | undefined
  /** Missing on Workers. */
  enterWith?(value: Value): void
}

/** The class `AsyncLocalStorage`, or one that behaves like it. */
export type AsyncStorageConstructor = new () => AsyncStorage<unknown>

/**
 * A value that follows the flow of asynchronous calls. Where the runtime has nothing of the kind no value ever flows:
 * a process-wide variable instead would mix up requests that run at the same time.
 */
export interface AsyncContext<Value> {
  /** Calls `callback` with `value` as the current one, for everything that it starts as well. */
  run<Result>(value: Value, callback: () => Result): Result
  /** The current value. */
  current(): Value | undefined
  /**
   * Makes `value` the current one for the rest of the asynchronous function that is running, and for what it starts. Only for
   * a framework that notifies of a beginning and calls nothing that could be run inside.
   *
   * @returns false where the runtime cannot do it, as Workers
   */
  enter(value: Value): boolean
}

interface Slot {
  storage: AsyncStorage<unknown> | undefined
}

/**
 * The context under `name`, the same for every copy of the library in the process.
 *
 * The storage is found on first use and not at load, so that one which a user hands in (`asyncLocalStorage`) or which
 * the runtime brings later is still found.
 */
export function asyncContext<Value>(name: string): AsyncContext<Value> {
  const slot = shared<Slot>(`context:${name}`, () => ({ storage: undefined }))
  const storage = (): AsyncStorage<Value> | undefined =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever owns the name puts its values in
    (slot.storage ??= createAsyncStorage()) as AsyncStorage<Value> | undefined
  return {
    run: (value, callback) => {
      const found = storage()
      return found === undefined ? callback() : found.run(value, callback)
    },
    current: () => storage()?.getStore(),
    enter: (value) => {
      const found = storage()
      if (found?.enterWith === undefined) {
        return false
      }
      found.enterWith(value)
      return true
    },
  }
}

/** The storage behind the context under `name`, for a runtime that sets contexts by itself. */
export function contextStorage(name: string): AsyncStorage<unknown> | undefined {
  const slot = shared<Slot>(`context:${name}`, () => ({ storage: undefined }))
  return (slot.storage ??= createAsyncStorage())
}

/** Makes every context use the given class, for runtimes where it must be imported by the user. */
export function provideAsyncStorage(constructor: AsyncStorageConstructor): void {
  shared<{ given?: AsyncStorageConstructor }>('asyncLocalStorage', () => ({})).given = constructor
}

/** A new storage of the runtime's kind, or `undefined` where it has none. */
function createAsyncStorage(): AsyncStorage<unknown> | undefined {
  const provided = shared<{ given?: AsyncStorageConstructor }>('asyncLocalStorage', () => ({}))
  const candidates: readonly unknown[] = [
    provided.given,
    property(builtinModule('node:async_hooks'), 'AsyncLocalStorage'),
    property(globalThis, 'AsyncLocalStorage'),
  ]
  const found = candidates.find(isConstructor)
  return found === undefined ? undefined : new found()
}

function isConstructor(value: unknown): value is AsyncStorageConstructor {
  return typeof value === 'function'
}
