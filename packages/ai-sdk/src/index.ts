export { instrumentAISDK } from './instrument.ts'
export { trulayerTraceId } from './trace-id.ts'

export type { AISDKOptions } from './instrument.ts'
