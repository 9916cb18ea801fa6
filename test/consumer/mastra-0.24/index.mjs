import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { init } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { trulayerObservability, trulayerTraceId, withTruLayer } from '@trulayer/mastra'
import { z } from 'zod'

import { playTurn } from './turn.cjs'

const trulayer = init({ mode: 'local' })
let id
trulayer.onTrace((trace) => {
  id = trace.id
  console.log(spanTree(trace))
})
const observability = { configs: { default: trulayerObservability() } }
const options = { tracingOptions: withTruLayer({ sessionId: 'chat-42' }) }
const answer = await playTurn({ Agent, createTool, Mastra, z, observability, options })
await trulayer.flush()
console.log(trulayerTraceId(answer) === id)
