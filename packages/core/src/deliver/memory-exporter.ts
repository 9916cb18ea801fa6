import { shared } from '../runtime/shared-state.ts'
import type { FinishedTrace } from '../shape/trace.ts'
import type { TraceExporter } from './exporter.ts'

const KEPT = 1000

/** The latest finished traces of the process, as local mode, replay mode and tests keep them. */
export interface TraceMemory {
  readonly traces: FinishedTrace[]
}

/** The memory that every copy of the library shares. */
export function traceMemory(): TraceMemory {
  return shared<TraceMemory>('memory', () => ({ traces: [] }))
}

/** Keeps the latest 1,000 traces in memory. */
export class MemoryExporter implements TraceExporter {
  export(traces: readonly FinishedTrace[]): void {
    const memory = traceMemory()
    memory.traces.push(...traces)
    memory.traces.splice(0, memory.traces.length - KEPT)
  }
}
