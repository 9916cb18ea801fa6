export { captureTraces, clearTraces, lastTrace } from './capture.ts'
export { spanTree } from '../shape/span-tree.ts'

export type { CaptureOptions, TraceCapture, WaitOptions } from './capture.ts'
