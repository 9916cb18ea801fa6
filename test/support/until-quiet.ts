/* More than any buffer of the SDK lets a chain of timers be long without a word in the log. */
const QUIET_TURNS = 50
const PAUSE = 2

/**
 * Waits until nothing more is told in the log of a model, in turns of the event loop and not in time: whatever waits for a
 * timer of a millisecond has its turn before ours.
 */
export async function untilQuiet(log: readonly string[]): Promise<void> {
  let told = log.length
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE)
    })
    quiet = log.length > told ? 0 : quiet
    told = log.length
  }
}
