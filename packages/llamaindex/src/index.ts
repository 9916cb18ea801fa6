export { instrumentLlamaIndex } from './instrument-llamaindex.ts'
export { trulayerTraceId } from './trace-id.ts'

export type {
  InstrumentLlamaIndexOptions,
  LlamaIndexInstrumentation,
} from './instrument-llamaindex.ts'
export type { LlamaIndexTurn } from './run-turn.ts'
export type { TraceIdOptions } from './trace-id.ts'
export type { LlamaIndexSettings } from './types.ts'
