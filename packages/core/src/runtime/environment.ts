/*
 * What the runtime offers, looked up without importing anything: `process` is missing in browsers and on Workers without
 * Node compatibility, and `node:` imports break bundles for both.
 */
interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly versions?: Readonly<Record<string, string | undefined>>
  getBuiltinModule?(id: string): unknown
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
}

/** The host's `process`, where there is one. */
export function hostProcess(): ProcessLike | undefined {
  const value: unknown = Reflect.get(globalThis, 'process')
  return typeof value === 'object' && value !== null ? value : undefined
}

/** A variable of the environment; `undefined` where it is unset, empty, or where the host forbids to read it. */
export function environmentVariable(name: string): string | undefined {
  try {
    const value = hostProcess()?.env?.[name]
    return value === undefined || value.trim() === '' ? undefined : value.trim()
  } catch {
    // Deno throws without --allow-env.
    return undefined
  }
}

/** A module of Node by its name, where the runtime has it and hands it out without an import. */
export function builtinModule(name: string): unknown {
  try {
    return hostProcess()?.getBuiltinModule?.(name)
  } catch {
    // Some runtimes throw for a module that they do not have.
    return undefined
  }
}

/** True in a page or a worker of a browser, where a key must never be. */
export function isBrowser(): boolean {
  return (
    typeof Reflect.get(globalThis, 'document') === 'object' &&
    typeof Reflect.get(globalThis, 'window') === 'object' &&
    hostProcess()?.versions?.['node'] === undefined
  )
}
