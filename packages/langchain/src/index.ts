export { TruLayerCallbackHandler } from './callback-handler.ts'
export { instrumentLangChain } from './instrument-langchain.ts'
export { trulayerTraceId } from './trace-id.ts'

export type { TruLayerCallbackHandlerOptions } from './callback-handler.ts'
export type { ShownNodes } from './fold-run.ts'
export type { TraceIdOptions } from './trace-id.ts'
