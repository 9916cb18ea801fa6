import { guard, shared } from '@trulayer/core/internal'

import { isAbortSignal } from './types.ts'

/** A listener for the abort of a signal. The signal keeps it alive until the call ends, so it must not hold a stream. */
export interface AbortListener {
  aborted(signal: AbortSignal): void
}

/*
 * Many calls may share one signal, and a runtime warns of a signal with more than ten listeners. So a signal has one of
 * ours, in whatever copy of the library, as long as a call that it can stop is open.
 */
const dispatchers = shared(
  'ai-sdk:abort-listeners',
  () => new WeakMap<AbortSignal, AbortDispatcher>(),
)

class AbortDispatcher implements EventListenerObject {
  readonly listeners = new Set<AbortListener>()
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this, { once: true })
  }

  handleEvent(): void {
    dispatchers.delete(this.#signal)
    for (const listener of this.listeners) {
      guard('an abort', () => listener.aborted(this.#signal))
    }
  }

  remove(listener: AbortListener): void {
    this.listeners.delete(listener)
    if (this.listeners.size === 0) {
      dispatchers.delete(this.#signal)
      this.#signal.removeEventListener('abort', this)
    }
  }
}

/** Calls the listener when the signal fires. Anything that is not a signal is ignored. */
export function addAbortListener(signal: unknown, listener: AbortListener): void {
  if (!isAbortSignal(signal)) {
    return
  }
  let dispatcher = dispatchers.get(signal)
  if (dispatcher === undefined) {
    dispatcher = new AbortDispatcher(signal)
    dispatchers.set(signal, dispatcher)
  }
  dispatcher.listeners.add(listener)
}

/** Undoes `addAbortListener`. The signal keeps nothing of the listener. */
export function removeAbortListener(signal: unknown, listener: AbortListener): void {
  if (isAbortSignal(signal)) {
    dispatchers.get(signal)?.remove(listener)
  }
}
