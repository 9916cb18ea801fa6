import { builtinModule, hostProcess } from './environment.ts'
import { untraced } from './untraced.ts'

interface FileSystem {
  /* The flags of a system that does not have them are missing. */
  readonly constants: Readonly<Record<'O_RDONLY' | 'O_NONBLOCK' | 'O_NOFOLLOW', number | undefined>>
  openSync(path: string, flags: number): number
  fstatSync(file: number): { isFile(): boolean }
  closeSync(file: number): void
  mkdirSync(path: string, options: { readonly recursive: true; readonly mode: number }): unknown
  readdirSync(path: string): readonly string[]
  readFileSync(file: number, encoding: 'utf8'): string
  writeFileSync(path: string, text: string, options: { readonly mode: number }): void
  renameSync(from: string, to: string): void
  unlinkSync(path: string): void
}

/** A folder on disk. Everything in it is for its owner alone, and done at once, since a process may be about to end. */
export interface Folder {
  /** The names in it; none where it does not exist. */
  list(): readonly string[]
  /** @throws what the file system says, and an Error for anything that is not a regular file */
  read(name: string): string
  /** @throws what the file system says, and nothing is left then */
  write(name: string, text: string): void
  /** Whether it was there and is called so now: of several processes that try one succeeds. */
  rename(from: string, to: string): boolean
  remove(name: string): void
}

/** The folder at `path`, which is made when something is written; `undefined` where the runtime has no files. */
export function openFolder(path: string): Folder | undefined {
  const files = builtinModule('node:fs')
  if (!isFileSystem(files)) {
    return undefined
  }
  const at = (name: string): string => `${path}/${name}`
  return {
    list() {
      let names: readonly string[] = []
      attempt(() => (names = files.readdirSync(path)))
      return names
    },
    read: (name) => untraced(() => readRegularFile(files, at(name))),
    write(name, text) {
      try {
        untraced(() => {
          files.mkdirSync(path, { recursive: true, mode: 0o700 })
          files.writeFileSync(at(name), text, { mode: 0o600 })
        })
      } catch (error) {
        attempt(() => files.unlinkSync(at(name)))
        throw error
      }
    },
    rename: (from, to) => attempt(() => files.renameSync(at(from), at(to))),
    remove: (name) => void attempt(() => files.unlinkSync(at(name))),
  }
}

/* Another user may be able to put something else into a shared folder: to open a FIFO would wait for its writer. */
function readRegularFile(files: FileSystem, path: string): string {
  const { O_RDONLY = 0, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = files.constants
  const file = files.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
  try {
    if (!files.fstatSync(file).isFile()) {
      throw new Error('not a regular file')
    }
    return files.readFileSync(file, 'utf8')
  } finally {
    files.closeSync(file)
  }
}

function attempt(work: () => unknown): boolean {
  try {
    untraced(work)
    return true
  } catch {
    // Gone already, or another process was faster.
    return false
  }
}

/** The id of this process; 0 where there is none. */
export function processId(): number {
  return hostProcess()?.pid ?? 0
}

/** False where no process of this machine has the id; where that cannot be asked it is true. */
export function isProcessAlive(id: number): boolean {
  try {
    hostProcess()?.kill?.(id, 0)
    return true
  } catch (error) {
    return !(typeof error === 'object' && error !== null && Reflect.get(error, 'code') === 'ESRCH')
  }
}

function isFileSystem(value: unknown): value is FileSystem {
  return typeof value === 'object' && value !== null && 'readdirSync' in value
}
