import { asyncContext, type Run } from '@trulayer/core/internal'

/** The run of an agent that the code which is running belongs to. */
export const agentTurn = asyncContext<Run>('llamaindex:agent')
