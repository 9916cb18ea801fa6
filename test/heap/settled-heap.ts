const PAUSE = 20
const ROUNDS_WITHOUT_CHANGE = 3
const CHANGE = 64 * 1024

/**
 * The bytes of the heap once what nobody holds is gone. One collection does not tell: that an object was collected is told
 * on a later turn of the event loop, and what listened for it goes with the next collection. Needs --expose-gc.
 */
export async function settledHeap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let unchanged = 0
  while (unchanged < ROUNDS_WITHOUT_CHANGE) {
    globalThis.gc?.()
    const { heapUsed } = process.memoryUsage()
    unchanged = heapUsed < least - CHANGE ? 0 : unchanged + 1
    least = Math.min(least, heapUsed)
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE)
    })
  }
  return least
}
