const { Agent } = require('@mastra/core/agent')
const { Mastra } = require('@mastra/core/mastra')
const { createTool } = require('@mastra/core/tools')
const { init } = require('@trulayer/core')
const { spanTree } = require('@trulayer/core/testing')
const { trulayerObservability, trulayerTraceId, withTruLayer } = require('@trulayer/mastra')
const { z } = require('zod')

const { playTurn } = require('./turn.cjs')

async function main() {
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
}

void main()
