import { wallClock } from '../runtime/clock.ts'
import { type Folder, isProcessAlive, openFolder, processId } from '../runtime/folder.ts'
import { shared } from '../runtime/shared-state.ts'
import { createId } from '../shape/ids.ts'
import type { EncodedTrace } from './encoded-trace.ts'

/** Where traces are kept on disk that memory cannot hold or that a process leaves behind. */
export interface SpoolOptions {
  /** The folder, which is made when it is needed. Several processes may share it. */
  readonly directory: string
  /** Bytes of traces in the folder, those of other processes included; beyond, the oldest go. @defaultValue 268435456 (256 MiB) */
  readonly maxBytes?: number | undefined
  /** Milliseconds after which what was not delivered is given up. @defaultValue 86400000 (24 hours) */
  readonly maxAge?: number | undefined
}

/** A file of traces, one a line, in the shape of the wire: a replay file. Written once, whole, and never changed. */
export interface Segment {
  readonly id: string
  /** Its name now. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly writtenAt: number
  /** Traces that were written. */
  readonly traces: number
  readonly bytes: number
  /** Whether this client wrote it. */
  readonly isOwn: boolean
}

/** Why a segment was given up. */
export type SpoolLoss = 'spool_full' | 'spool_damaged' | 'expired'

interface Found extends Omit<Segment, 'isOwn'> {
  readonly claim: { readonly at: number; readonly pid: number; readonly owner: string } | undefined
}

/* All that must be known stands in the name, so that a look at the folder opens no file. */
const NAME = /^(trulayer-(\d+)-(\d+)-(\d+)-([\da-f-]{36})\.jsonl)(?:\.(\d+)-(\d+)-([\da-f-]{36}))?$/
/* A process that took a file longer ago than this has ended, as far as anybody can know from another container. */
const STALE_CLAIM = 10 * 60_000

/* Which claims of this process id are of this process: ids are used again, in containers at once. */
const owners = shared('spools', () => new Set<string>())

/**
 * Traces on disk. A file is written under a name that claims it for its writer and then renamed, and whoever delivers it
 * claims it by renaming, so that several processes share a folder and a crash loses nothing: the claims of a process that is
 * gone are void. At worst a trace is sent twice, which is harmless since its id is ours.
 */
export class Spool {
  readonly #folder: Folder
  readonly #maxBytes: number
  readonly #maxAge: number
  readonly #onLost: (reason: SpoolLoss, segment: Segment) => void
  readonly #own = new Map<string, number>()
  #owner: string | undefined
  #mayHold = true
  #writtenAt = 0

  /** @param onLost - hears of segments that were given up */
  constructor(
    folder: Folder,
    options: SpoolOptions,
    onLost: (reason: SpoolLoss, segment: Segment) => void,
  ) {
    this.#folder = folder
    this.#maxBytes = options.maxBytes ?? 256 * 1024 * 1024
    this.#maxAge = options.maxAge ?? 24 * 60 * 60_000
    this.#onLost = onLost
  }

  /** Milliseconds after which what was not delivered is given up. */
  get maxAge(): number {
    return this.#maxAge
  }

  /** Traces that this client wrote and did not take back. */
  get size(): number {
    let size = 0
    for (const count of this.#own.values()) {
      size += count
    }
    return size
  }

  /**
   * Writes traces, oldest first.
   *
   * @throws what the file system says, and when they are more than the folder may hold
   */
  write(traces: readonly EncodedTrace[]): void {
    const bytes = traces.reduce((sum, trace) => sum + trace.bytes + 1, 0)
    if (bytes > this.#maxBytes) {
      throw new Error('more than `maxBytes`')
    }
    this.#makeRoom(bytes)
    // No two at once, for files are delivered in the order of these instants.
    this.#writtenAt = Math.max(wallClock(), this.#writtenAt + 1)
    const id = createId(this.#writtenAt)
    const name = `trulayer-${this.#writtenAt}-${traces.length}-${bytes}-${id}.jsonl`
    const claimed = this.#claimed(name)
    this.#folder.write(claimed, traces.map((trace) => `${trace.json}\n`).join(''))
    if (!this.#folder.rename(claimed, name)) {
      throw new Error('the file was taken away')
    }
    this.#own.set(id, traces.length)
    this.#mayHold = true
  }

  /** Takes the oldest segment that nobody else has, and its lines; `undefined` when there is none. */
  take(): { readonly segment: Segment; readonly lines: string[] } | undefined {
    if (!this.#mayHold) {
      return undefined
    }
    for (const found of this.#free()) {
      const name = this.#claimed(found.name.slice(0, found.name.indexOf('.jsonl') + 6))
      if (this.#folder.rename(found.name, name)) {
        const segment = { ...found, name, isOwn: this.#own.has(found.id) }
        this.#own.delete(found.id)
        const lines = this.#read(segment)
        if (lines !== undefined) {
          return { segment, lines }
        }
      }
    }
    this.#mayHold = false
    return undefined
  }

  /** Deletes a segment that was taken, when each trace of it was sent or given up, or written anew. */
  remove(segment: Segment): void {
    this.#folder.remove(segment.name)
  }

  #read(segment: Segment): string[] | undefined {
    if (wallClock() - segment.writtenAt > this.#maxAge) {
      this.#lose('expired', segment)
      return undefined
    }
    try {
      return this.#folder.read(segment.name).split('\n')
    } catch {
      this.#lose('spool_damaged', segment)
      return undefined
    }
  }

  #makeRoom(bytes: number): void {
    const found = this.#list()
    let held = found.reduce((sum, segment) => sum + segment.bytes, 0)
    for (const segment of found) {
      if (held + bytes <= this.#maxBytes) {
        return
      }
      if (this.#isFree(segment)) {
        const isOwn = this.#own.delete(segment.id)
        this.#lose('spool_full', { ...segment, isOwn })
        held -= segment.bytes
      }
    }
  }

  #lose(reason: SpoolLoss, segment: Segment): void {
    this.#folder.remove(segment.name)
    this.#onLost(reason, segment)
  }

  #free(): Found[] {
    return this.#list().filter((found) => this.#isFree(found))
  }

  /* Oldest first. */
  #list(): Found[] {
    return this.#folder
      .list()
      .map(parseName)
      .filter((found) => found !== undefined)
      .toSorted((one, other) => one.writtenAt - other.writtenAt || (one.id < other.id ? -1 : 1))
  }

  #isFree({ claim }: Found): boolean {
    if (claim === undefined || wallClock() - claim.at > STALE_CLAIM) {
      return true
    }
    return claim.pid === processId() ? !owners.has(claim.owner) : !isProcessAlive(claim.pid)
  }

  #claimed(name: string): string {
    this.#owner ??= createId(wallClock())
    owners.add(this.#owner)
    return `${name}.${wallClock()}-${processId()}-${this.#owner}`
  }
}

/** The spool that the options ask for; `undefined` where the runtime has no files. */
export function openSpool(
  options: SpoolOptions | string,
  onLost: (reason: SpoolLoss, segment: Segment) => void,
): Spool | undefined {
  const resolved = typeof options === 'string' ? { directory: options } : options
  const folder = openFolder(resolved.directory)
  return folder === undefined ? undefined : new Spool(folder, resolved, onLost)
}

function parseName(name: string): Found | undefined {
  const [, , writtenAt, traces, bytes, id, claimedAt, pid, owner] = NAME.exec(name) ?? []
  if (id === undefined) {
    return undefined
  }
  return {
    id,
    name,
    writtenAt: Number(writtenAt),
    traces: Number(traces),
    bytes: Number(bytes),
    claim: owner === undefined ? undefined : { at: Number(claimedAt), pid: Number(pid), owner },
  }
}
