import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'

const MEGABYTE = 1024 * 1024

test.each([
  ['that are answered', 'ask', { ok: 10_000 }],
  ['whose stream is left', 'leave', { cancelled: 10_000 }],
  ['whose stream nobody reads', 'abandon', { incomplete: 10_000 }],
])(
  'ten thousand queries %s leave nothing open and the heap as one thousand did',
  async (_title, kind, statuses) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--conditions=@trulayer/source', 'ask-often.mjs', setName, kind],
      { cwd: import.meta.dirname },
    )
    // 0.11 greets whoever imports it.
    const heap = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, number>
    expect(heap).toMatchObject({ recorded: 10_000, open: 0, late: 0, statuses })
    const { afterThousand = 0, afterTenThousand = 0 } = heap
    expect(afterTenThousand - afterThousand).toBeLessThan(5 * MEGABYTE)
  },
  180_000,
)
