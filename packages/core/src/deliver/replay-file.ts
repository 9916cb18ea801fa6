import type { OnceLogger } from '../client/logger.ts'
import { builtinModule } from '../runtime/environment.ts'
import { fromWireTrace } from '../shape/from-wire.ts'
import type { FinishedTrace } from '../shape/trace.ts'

/**
 * The traces of a replay file: one trace in the shape of the wire a line. What cannot be read is told and left out.
 *
 * @param path - `TRULAYER_REPLAY_FILE`
 */
export function loadReplayFile(path: string | undefined, logger: OnceLogger): FinishedTrace[] {
  if (path === undefined) {
    logger.warn('TRULAYER_MODE is replay but TRULAYER_REPLAY_FILE is not set: nothing to replay.')
    return []
  }
  const text = readText(path)
  if (text === undefined) {
    logger.warn(`TRULAYER_REPLAY_FILE cannot be read: ${path}`)
    return []
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const traces = lines.flatMap((line) => {
    const trace = parseLine(line)
    return trace === undefined ? [] : [trace]
  })
  if (traces.length < lines.length) {
    logger.warn(`${lines.length - traces.length} lines of ${path} are no traces and are left out.`)
  }
  return traces
}

function parseLine(line: string): FinishedTrace | undefined {
  try {
    return fromWireTrace(JSON.parse(line))
  } catch {
    // Told by the caller, with the number of such lines.
    return undefined
  }
}

interface FileSystem {
  readFileSync(path: string, encoding: 'utf8'): string
}

function readText(path: string): string | undefined {
  const fileSystem = builtinModule('node:fs')
  try {
    return isFileSystem(fileSystem) ? fileSystem.readFileSync(path, 'utf8') : undefined
  } catch {
    // Told by the caller, with the path.
    return undefined
  }
}

function isFileSystem(value: unknown): value is FileSystem {
  return typeof value === 'object' && value !== null && 'readFileSync' in value
}
