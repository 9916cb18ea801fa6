const { Agent } = require('@mastra/core/agent')
const { Mastra } = require('@mastra/core/mastra')
const { createTool } = require('@mastra/core/tools')
const core = require('@trulayer/core')
const { spanTree } = require('@trulayer/core/testing')
const adapter = require('@trulayer/mastra')
const { z } = require('zod')

const { playTurn } = require('./turn.cjs')

const loadObservability = async () => require('@mastra/observability')
void playTurn({ Agent, createTool, Mastra, z, loadObservability, ...core, spanTree, ...adapter })
