import { attributes, guard, type Recorder, type Run } from '@trulayer/core/internal'

import { mapToolOutput, toolMessagesIn, type ToolOutcome } from './map-tool.ts'
import { notesOf } from './run-notes.ts'
import {
  type AskedToolCall,
  findToolCall,
  hasOpenToolCalls,
  isClaimed,
  toolCallInput,
} from './tool-calls.ts'

/* The node in which LangChain's approval middleware answers, in the tool's place, for what a person rejected. */
const APPROVAL_NODE = /^HumanInTheLoop/

/*
 * How LangGraph before 0.4 and createAgent before 1.5 begin a message about a tool that failed, which has no status there
 * (langchain-ai/langchainjs#9850).
 */
const FAILURE_TEXT = /^(?:\w*Error: |Error invoking tool )/

/* What LangGraph adds for the model. */
const APPEAL = /\s*Please fix your mistakes\.$/

/**
 * Makes up for what LangChain does not tell of tools, from the messages that a node answers with. No tool starts where the
 * arguments are invalid, the tool is unknown, a person rejected the call or middleware answered it: such a call gets a
 * span, marked as synthetic. And a tool may start and never end, as one does whose result has no artifact beside it.
 */
export function recordToolAnswers(recorder: Recorder, node: Run, outputs: unknown): void {
  if (!hasOpenToolCalls(node.turn)) {
    return
  }
  for (const message of guard('the answers of tools', () => toolMessagesIn(outputs)) ?? []) {
    const outcome = guard('the answer of a tool', () => mapToolOutput(message))
    const call = findToolCall(node.turn, outcome?.callId)
    if (outcome !== undefined && call !== undefined) {
      recordAnswer(recorder, node, call, outcome)
    }
  }
}

function recordAnswer(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  outcome: ToolOutcome,
): void {
  const run = (call.run ??= unclaimedTool(node, call.name))
  if (run === undefined) {
    call.run = recordSynthetic(recorder, node, call, outcome)
  } else if (run.isOpen) {
    recorder.end(run, { ...endOf(outcome), metadata: { [attributes.toolCallId]: call.id } })
  } else {
    recorder.update(run, { metadata: { [attributes.toolCallId]: call.id } })
  }
}

/* Before 1.1.28 a tool that fails never tells its call; one that the host recorded itself knows of none. */
function unclaimedTool(node: Run, name: string): Run | undefined {
  return node.turn.runs.find(
    (run) => run.type === 'tool' && run.name === name && run.isInside(node) && !isClaimed(run),
  )
}

function recordSynthetic(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  outcome: ToolOutcome,
): Run | undefined {
  const run = recorder.start({
    name: call.name,
    type: 'tool',
    parent: node,
    startedAt: node.startedAt,
    input: guard('the arguments of a tool', () => toolCallInput(call)),
    metadata: {
      [attributes.operationName]: 'execute_tool',
      [attributes.toolCallId]: call.id,
      [attributes.synthetic]: true,
    },
  })
  const isRejected = APPROVAL_NODE.test(notesOf(node)?.runName ?? '') && !outcome.isSuccess
  recorder.end(
    run,
    isRejected
      ? { output: outcome.output, status: 'cancelled', reason: 'rejected' }
      : endOf(outcome),
  )
  return run
}

function endOf(outcome: ToolOutcome): {
  readonly output: unknown
  readonly status?: 'error'
  readonly error?: unknown
} {
  const { output, failure, isSuccess } = outcome
  const error = failure ?? (isSuccess ? undefined : failureIn(output))
  return error === undefined
    ? { output }
    : { output, status: 'error', error: error.replace(APPEAL, '') }
}

function failureIn(output: unknown): string | undefined {
  return typeof output === 'string' && FAILURE_TEXT.test(output) ? output : undefined
}
