import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** How programs are checked. */
export interface TypeCheckOptions {
  /** The folder below which they stand for the while, so that its packages are found. */
  readonly folder: string
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>
  /** Besides those of the repository. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>
  /** Other files of the folder. */
  readonly include?: readonly string[]
}

/** What the compiler says of programs; nothing where all is well. */
export async function typeCheck(options: TypeCheckOptions): Promise<string> {
  // The dot keeps it from other programs' globs.
  const cwd = await mkdtemp(join(options.folder, '.types-'))
  try {
    const config = {
      extends: relative(cwd, join(root, 'tsconfig.json')),
      compilerOptions: { noUnusedLocals: false, ...options.compilerOptions },
      include: ['./*.ts', ...(options.include ?? []).map((file) => `../${file}`)],
      exclude: [],
    }
    await writeFile(join(cwd, 'tsconfig.json'), JSON.stringify(config))
    await Promise.all(
      Object.entries(options.files).map(([name, text]) => writeFile(join(cwd, name), text)),
    )
    // Its command, since version 7 of TypeScript has no interface for programs.
    return await promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd }).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout || stderr,
    )
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}
