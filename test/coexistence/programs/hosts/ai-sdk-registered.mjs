import { createAISDKHost } from './ai-sdk.mjs'

/** The AI SDK, recorded by `registerTruLayer`. */
export function createHost(setting) {
  return createAISDKHost(setting, async (ai) => {
    const { registerTruLayer } = await import('@trulayer/ai-sdk')
    registerTruLayer(await setting.load('ai'))
    return ai
  })
}
