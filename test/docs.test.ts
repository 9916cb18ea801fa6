import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/* What the blocks of a page take for granted. */
const GIVEN = `
declare module 'cloudflare:workers' {
  export function waitUntil(promise: Promise<unknown>): void
}
declare function agent(question: string): Promise<string>`

const CONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: { noEmit: true, noUnusedLocals: false, types: [] },
  include: ['*.ts'],
}

/* TypeScript's own command, since its version 7 has no interface for programs. */
async function compile(blocks: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(import.meta.dirname, '.docs-'))
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
    await writeFile(join(folder, 'given.d.ts'), GIVEN)
    await Promise.all(
      blocks.map((block, index) => writeFile(join(folder, `block-${index + 1}.ts`), block)),
    )
    const { stdout } = await promisify(execFile)('npx', ['tsc', '-p', folder]).catch(
      (error: { stdout: string }) => error,
    )
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the code of docs/delivery.md compiles', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/delivery.md'), 'utf8')
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
  expect(blocks.length).toBeGreaterThan(4)
  expect(await compile(blocks)).toBe('')
}, 60_000)
