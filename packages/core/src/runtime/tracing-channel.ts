import { type AsyncStorage, contextStorage } from './async-context.ts'
import { builtinModule } from './environment.ts'
import { method, property } from './members.ts'

/** What follows a tracing channel. Nothing of it may throw. */
export interface ChannelFollower {
  /**
   * By the name of a context, the value that it has inside the operation of a message. Called for each message before its
   * operation begins.
   */
  readonly contexts: Readonly<Record<string, (message: unknown) => unknown>>
  /** Called when the operation of a message has ended. The message then has its `result` or its `error`. */
  readonly ended: (message: unknown) => void
}

/**
 * Follows a tracing channel of Node's `diagnostics_channel`, on which a library publishes its operations.
 *
 * @returns a function that ends it; `undefined` where the runtime has no such channels
 */
export function followTracingChannel(
  name: string,
  { contexts, ended }: ChannelFollower,
): (() => void) | undefined {
  const create = method(builtinModule('node:diagnostics_channel'), 'tracingChannel')
  const channel: unknown = create?.(name)
  const start = property(channel, 'start')
  const asyncEnd = property(channel, 'asyncEnd')
  if (method(start, 'bindStore') === undefined || method(asyncEnd, 'subscribe') === undefined) {
    return undefined
  }
  // Methods are read at each call: the first use of a channel gives it other ones.
  const bound: AsyncStorage<unknown>[] = []
  for (const [context, enter] of Object.entries(contexts)) {
    const storage = contextStorage(context)
    if (storage !== undefined) {
      method(start, 'bindStore')?.(storage, enter)
      bound.push(storage)
    }
  }
  method(asyncEnd, 'subscribe')?.(ended)
  return () => {
    method(asyncEnd, 'unsubscribe')?.(ended)
    for (const storage of bound) {
      method(start, 'unbindStore')?.(storage)
    }
  }
}
