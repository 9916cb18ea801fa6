export { captureTraces, clearTraces, lastTrace } from './capture.ts'
export { spanTree } from './span-tree.ts'

export type { TraceCapture, WaitOptions } from './capture.ts'
