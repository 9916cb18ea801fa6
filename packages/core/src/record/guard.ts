import { shared } from '../runtime/shared-state.ts'

/* A fault of ours is told once per place, and never through the client's logger, which may be at fault. */
const told = shared('faults', () => new Set<string>())

/**
 * Runs a piece of an adapter so that a fault in it never reaches the host: what it throws is told once and forgotten, and
 * `undefined` is returned. The only `catch` that an adapter needs.
 *
 * @param where - what was being done, for the line that tells of the fault
 */
export function guard<Result>(where: string, work: () => Result): Result | undefined {
  try {
    return work()
  } catch (fault) {
    if (!told.has(where)) {
      told.add(where)
      // oxlint-disable-next-line no-console -- the client's own logger may be what failed
      console.warn(
        `[trulayer] could not record ${where}; the program is not affected. Please report this: ${String(fault)}`,
      )
    }
    return undefined
  }
}
