import {
  attributes,
  guard,
  isText,
  read,
  reasons,
  type Recorder,
  type Run,
  type RunEnd,
  type Snapshot,
} from '@trulayer/core/internal'

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

/* The node of createAgent that calls the model. No tool runs in it. */
const MODEL_NODE = 'model_request'

/*
 * How LangGraph before 0.4 and createAgent before 1.5 begin a message about a tool that failed, which has no status there
 * (langchain-ai/langchainjs#9850).
 */
const FAILURE_TEXT = /^(?:\w*Error: |Error invoking tool )/

const INVALID_RESPONSE = 'the response does not have the required format'

/* What LangGraph adds for the model. */
const APPEAL = /\s*Please fix your mistakes\.$/

/** What a tool answered, as it was when the node around it ended. */
export interface ToolAnswer {
  readonly outcome: ToolOutcome
  readonly output: Snapshot | undefined
  /** True where the node also returned the structured response of an agent. */
  readonly hasStructuredResponse: boolean
}

/** The answers of tools in what a chain returned. */
export function toolAnswersIn(recorder: Recorder, outputs: unknown): readonly ToolAnswer[] {
  const messages = guard('the answers of tools', () => toolMessagesIn(outputs)) ?? []
  const hasStructuredResponse = [outputs]
    .flat()
    .some((output) => read(output, 'structuredResponse') !== undefined)
  return messages.flatMap((message) => {
    const outcome = guard('the answer of a tool', () => mapToolOutput(message))
    return outcome === undefined
      ? []
      : [{ outcome, output: recorder.keep(outcome.output), hasStructuredResponse }]
  })
}

/**
 * Makes up for what LangChain does not tell of tools, from the messages that a node answers with. No tool starts where the
 * arguments are invalid, the tool is unknown, a person rejected the call or middleware answered it: such a call gets a
 * span, marked as synthetic. And a tool may start and never end, as one does whose result has no artifact beside it.
 */
export function recordToolAnswers(
  recorder: Recorder,
  node: Run,
  answers: readonly ToolAnswer[],
): void {
  if (answers.length === 0 || !hasOpenToolCalls(node.turn)) {
    return
  }
  const answered = new Set<AskedToolCall>()
  for (const answer of answers) {
    const { callId: id, name } = answer.outcome
    const call = findToolCall(node.turn, { id, name }, answered)
    if (call !== undefined) {
      answered.add(call)
      recordAnswer(recorder, node, call, answer)
    }
  }
}

function recordAnswer(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  answer: ToolAnswer,
): void {
  const run = (call.run ??= unclaimedTool(node, call.name))
  if (run === undefined) {
    call.run = isResponseFormat(node, answer)
      ? recordResponseFormat(recorder, node, call, answer)
      : recordSynthetic(recorder, node, call, answer)
  } else if (run.type !== 'tool') {
    // Not a tool, but a response in the format that `toolStrategy` asks for.
    return
  } else if (run.isOpen) {
    recorder.end(run, { ...endOf(answer), metadata: { [attributes.toolCallId]: call.id } })
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

/*
 * With `toolStrategy` the model gives its response as the arguments of a call that is not a tool's. The model node itself
 * answers it: next to the structured response, or with a message without a name when the arguments do not fit the schema
 * (langchain 1.0 to 1.5, agents/nodes/AgentNode).
 */
function isResponseFormat(node: Run, { outcome, hasStructuredResponse }: ToolAnswer): boolean {
  return (
    notesOf(node)?.runName === MODEL_NODE && (hasStructuredResponse || outcome.name === undefined)
  )
}

/* A response that fits is the output of the agent. One that does not is shown like a parser that fails. */
function recordResponseFormat(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  { outcome, output, hasStructuredResponse }: ToolAnswer,
): Run | undefined {
  if (hasStructuredResponse) {
    return node
  }
  const run = startSynthetic(recorder, node, call, 'other')
  recorder.end(run, {
    keptOutput: output,
    status: 'error',
    error: isText(outcome.output) ? outcome.output : INVALID_RESPONSE,
  })
  return run
}

function recordSynthetic(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  answer: ToolAnswer,
): Run | undefined {
  const run = startSynthetic(recorder, node, call, 'tool')
  const isRejected = APPROVAL_NODE.test(notesOf(node)?.runName ?? '') && !answer.outcome.isSuccess
  recorder.end(
    run,
    isRejected
      ? { keptOutput: answer.output, status: 'cancelled', reason: reasons.rejected }
      : endOf(answer),
  )
  return run
}

function startSynthetic(
  recorder: Recorder,
  node: Run,
  call: AskedToolCall,
  type: 'tool' | 'other',
): Run | undefined {
  return recorder.start({
    name: call.name,
    type,
    parent: node,
    // A node may call the model itself before it answers the call.
    startedAt: Math.max(node.startedAt, call.askedAt ?? 0),
    input: guard('the arguments of a tool', () => toolCallInput(call)),
    metadata: {
      [attributes.operationName]: type === 'tool' ? 'execute_tool' : undefined,
      [attributes.toolCallId]: call.id,
      [attributes.synthetic]: true,
    },
  })
}

function endOf({ outcome, output: keptOutput }: ToolAnswer): RunEnd {
  const { output, failure, isSuccess } = outcome
  const error = failure ?? (isSuccess ? undefined : failureIn(output))
  return error === undefined
    ? { keptOutput }
    : { keptOutput, status: 'error', error: error.replace(APPEAL, '') }
}

function failureIn(output: unknown): string | undefined {
  return typeof output === 'string' && FAILURE_TEXT.test(output) ? output : undefined
}
