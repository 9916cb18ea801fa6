import { hostProcess } from './environment.ts'
import { shared } from './shared-state.ts'

/** Something that may have work left when the process is about to end. */
export interface Finisher {
  /** True while there is something to deliver. */
  hasWork(): boolean
  /** Delivers it. Never rejects. */
  finish(): Promise<void>
}

interface ExitHooks {
  readonly finishers: Set<WeakRef<Finisher>>
  isInstalled: boolean
}

/**
 * Lets `finisher` deliver what it holds when the process ends by itself (`beforeExit` of Node, Bun and Deno). One listener
 * serves all clients and all copies, and holds none of them alive. Elsewhere it does nothing.
 */
export function onNaturalExit(finisher: Finisher): void {
  const hooks = shared<ExitHooks>('exit', () => ({ finishers: new Set(), isInstalled: false }))
  hooks.finishers.add(new WeakRef(finisher))
  if (hooks.isInstalled) {
    return
  }
  hooks.isInstalled = true
  hostProcess()?.on?.('beforeExit', () => {
    for (const reference of hooks.finishers) {
      const target = reference.deref()
      if (target === undefined) {
        hooks.finishers.delete(reference)
      } else if (target.hasWork()) {
        // The event loop has new work then, and `beforeExit` comes again when that is done.
        void target.finish()
      }
    }
  })
}
