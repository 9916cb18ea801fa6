export { captureTraces, clearTraces, lastTrace } from './capture.ts'
export { spanTree } from './span-tree.ts'

export type { CaptureOptions, TraceCapture, WaitOptions } from './capture.ts'
