import { hostProcess, isLambda, isMainProcess, type ProcessLike } from './environment.ts'
import { shared } from './shared-state.ts'
import { sleep } from './timers.ts'

/** Something that may have work left when the process is about to end. */
export interface Finisher {
  /** True while there is something to deliver. */
  hasWork(): boolean
  /**
   * Delivers it. Never rejects.
   *
   * @param options.timeout - milliseconds
   * @param options.close - whether what is still running is over too
   */
  finish(options: { readonly timeout: number; readonly close: boolean }): Promise<void>
  /**
   * Saves or tells what is left before it returns, since the process ends then.
   *
   * @param options.mayTakeTime - false where the process should have been gone by now
   */
  finishNow(options: { readonly mayTakeTime: boolean }): void
}

/* No process stays alive longer because of us; and whoever presses Ctrl-C is watching. */
const EXIT_TIMEOUT = 2000
const SIGNALS = {
  SIGTERM: [15, EXIT_TIMEOUT],
  SIGINT: [2, 500],
  SIGHUP: [1, EXIT_TIMEOUT],
} as const

/*
 * A container without an init process. The kernel ignores a signal to the first process of a PID namespace unless the process
 * handles it (pid_namespaces(7)): the program goes on, and its client has to stay usable.
 */
const INIT_PROCESS = 1

type Signal = keyof typeof SIGNALS
type Listener = (detail: unknown) => void

interface ExitHooks {
  readonly finishers: Set<WeakRef<Finisher>>
  /** What is listened to while there is a finisher. */
  readonly listeners: Map<string, Listener>
  /** How many there may be before those that are gone are looked for. */
  crowd: number
}

function hooks(): ExitHooks {
  return shared<ExitHooks>('exit', () => ({
    finishers: new Set(),
    listeners: new Map(),
    crowd: 16,
  }))
}

/**
 * Lets `finisher` deliver what it holds when the process ends: by itself, by a signal, by `process.exit` or an error. One set
 * of listeners serves all clients and all copies, holds none of them alive, and is removed with the last.
 *
 * Nothing is installed on Lambda, which freezes its processes; in threads and on runtimes that only imitate a process
 * nothing but the natural end is listened to.
 *
 * @returns a function that ends it
 */
export function onExit(finisher: Finisher): () => void {
  const process = hostProcess()
  if (process?.on === undefined || process.off === undefined || isLambda()) {
    return () => {}
  }
  const { finishers, listeners } = hooks()
  const reference = new WeakRef(finisher)
  finishers.add(reference)
  forgetGone()
  if (listeners.size === 0) {
    install(process)
  }
  return () => {
    finishers.delete(reference)
    if (finishers.size === 0) {
      uninstall(process)
    }
  }
}

function install(process: ProcessLike): void {
  const { listeners } = hooks()
  listeners.set('beforeExit', () => void finishAll({ timeout: EXIT_TIMEOUT, close: true }))
  if (isMainProcess()) {
    listeners.set('exit', () => finishAllNow({ mayTakeTime: true }))
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      listeners.set(signal, () => onSignal(process, signal))
    }
  }
  for (const [event, listener] of listeners) {
    try {
      // Ahead of the host's own, of which one that listens once is gone when its turn is over.
      if (event in SIGNALS && process.prependListener !== undefined) {
        process.prependListener(event, listener)
      } else {
        process.on?.(event, listener)
      }
    } catch {
      // A system that does not know the signal, or does not let us listen to it.
    }
  }
}

function uninstall(process: ProcessLike): void {
  const { listeners } = hooks()
  for (const [event, listener] of listeners) {
    process.off?.(event, listener)
  }
  listeners.clear()
}

/*
 * A host that listens to a signal decides how the process ends: then delivery begins, and that is all. Without another
 * listener the signal would have ended the process, so it is raised again after delivery and the exit status is that of the
 * signal.
 */
function onSignal(process: ProcessLike, signal: Signal): void {
  const isAlone = (process.listenerCount?.(signal) ?? 0) <= 1
  const [, timeout] = SIGNALS[signal]
  if (!isAlone || process.pid === INIT_PROCESS) {
    void finishAll({ timeout: EXIT_TIMEOUT, close: false })
    return
  }
  const listener = hooks().listeners.get(signal)
  if (listener !== undefined) {
    // A second signal finds nobody and ends the process at once.
    process.off?.(signal, listener)
  }
  void endBy(process, signal, timeout)
}

async function endBy(process: ProcessLike, signal: Signal, timeout: number): Promise<void> {
  await Promise.race([finishAll({ timeout, close: true }), sleep(timeout, { keepAlive: true })])
  finishAllNow({ mayTakeTime: false })
  raise(process, signal)
}

function raise(process: ProcessLike, signal: Signal): void {
  try {
    process.kill?.(process.pid ?? 0, signal)
  } catch {
    // Deno lets nobody without --allow-run signal even itself, and the process must not outlive the signal.
    process.exit?.(128 + SIGNALS[signal][0])
  }
}

function alive(): Finisher[] {
  const found = [...hooks().finishers].map((reference) => reference.deref())
  return found.filter((finisher) => finisher !== undefined)
}

async function finishAll(options: Parameters<Finisher['finish']>[0]): Promise<void> {
  // With work left the event loop goes on, and `beforeExit` comes again when that is done.
  const working = alive().filter((finisher) => finisher.hasWork())
  await Promise.all(working.map((finisher) => finisher.finish(options)))
}

function finishAllNow(options: Parameters<Finisher['finishNow']>[0]): void {
  for (const finisher of alive()) {
    try {
      finisher.finishNow(options)
    } catch {
      // The next one still has its chance.
    }
  }
}

/* Clients that were never shut down and are gone. Looked for when there are many, so that it costs nothing. */
function forgetGone(): void {
  const all = hooks()
  if (all.finishers.size > all.crowd) {
    for (const reference of all.finishers) {
      if (reference.deref() === undefined) {
        all.finishers.delete(reference)
      }
    }
    all.crowd = all.finishers.size * 2
  }
}
