import { asyncContext } from '@trulayer/core/internal'

import type { OpenRun } from './instrumentation.ts'

/** The turn of an agent that the code which is running belongs to. */
export const agentTurn = asyncContext<OpenRun>('llamaindex:agent')
