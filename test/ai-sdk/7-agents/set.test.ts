import { describeAgents } from '../describe-agents.ts'
import { ai, HarnessAgent, mocks, WorkflowAgent, z } from './sdk.ts'

describeAgents({ name: '7.0.173', ai, mocks, z }, { HarnessAgent, WorkflowAgent })
