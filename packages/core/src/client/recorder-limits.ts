import type { RecorderLimits } from '../record/recorder.ts'
import type { LimitOptions } from './options.ts'

/** The default of `limits.toolDefinitionBytes`. */
export const DEFINITION_BYTES = 8192

/** The bounds of what is recorded, with every default in place. */
export function recorderLimits(limits: LimitOptions = {}): RecorderLimits {
  return {
    openTurns: limits.openTurns ?? 10_000,
    openTurnBytes: limits.openTurnBytes ?? 64 * 1024 * 1024,
    spansPerTrace: limits.spansPerTrace ?? 5000,
    fieldBytes: limits.fieldBytes ?? 4 * 1024 * 1024,
    toolDefinitionBytes: limits.toolDefinitionBytes ?? DEFINITION_BYTES,
    grace: limits.grace ?? 1000,
    streamIdle: limits.streamIdle ?? 600_000,
    turnIdle: limits.turnIdle ?? 3_600_000,
  }
}
