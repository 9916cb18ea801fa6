import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MEGABYTE = 1024 * 1024
/* Each counts collections and turns of the event loop, not time: this only ends what hangs. */
const PATIENCE = 600_000

interface Heap {
  readonly afterThousand: number
  readonly afterTenThousand: number
}

async function heapOf(script: string): Promise<Heap> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=@trulayer/source',
    `${import.meta.dirname}/${script}`,
  ])
  return JSON.parse(stdout) as Heap
}

test(
  'ten thousand turns leave the heap as one thousand did',
  async () => {
    const heap = await heapOf('record-turns.ts')
    expect(heap).toMatchObject({ recorded: 10_000, open: 0 })
    expect(heap.afterTenThousand - heap.afterThousand).toBeLessThan(5 * MEGABYTE)
  },
  PATIENCE,
)

test(
  'ten thousand streams of LangChain that are left leave the heap as one thousand did',
  async () => {
    const heap = await heapOf('abandon-streams.ts')
    expect(heap).toMatchObject({ open: 500, left: 10_000, withText: 10_000 })
    expect(heap.afterTenThousand - heap.afterThousand).toBeLessThan(5 * MEGABYTE)
  },
  PATIENCE,
)

test(
  'ten thousand streams that were left leave the heap as one thousand did, and a closed trace each',
  async () => {
    const heap = await heapOf('leave-streams.ts')
    expect(heap).toMatchObject({
      recorded: 10_000,
      open: 0,
      ends: {
        'cancelled, reader left': 4000,
        'incomplete, never read': 4000,
        'incomplete, idle': 2000,
      },
    })
    expect(heap.afterTenThousand - heap.afterThousand).toBeLessThan(5 * MEGABYTE)
  },
  PATIENCE,
)
