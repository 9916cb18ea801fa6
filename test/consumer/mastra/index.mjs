import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { init } from '@trulayer/core'
import { spanTree } from '@trulayer/core/testing'
import { trulayerObservability, trulayerTraceId, withTruLayer } from '@trulayer/mastra'
import { z } from 'zod'

import { playTurn } from './turn.cjs'

const framework = {
  Agent,
  createTool,
  Mastra,
  z,
  loadObservability: () => import('@mastra/observability'),
}
const trulayer = { init, spanTree, trulayerObservability, trulayerTraceId, withTruLayer }
await playTurn({ ...framework, ...trulayer })
