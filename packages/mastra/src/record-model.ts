import {
  addUsage,
  attributes,
  guard,
  type Message,
  read,
  readList,
  readText,
  type Recorder,
  type Run,
  type RunEnd,
  type RunFields,
  type Snapshot,
} from '@trulayer/core/internal'

import type { Conversation, ModelCall, ToolUse } from './conversation.ts'
import { failedEnd, mapError } from './map-error.ts'
import { mapAnswer, mapMessages, toolMessage } from './map-messages.ts'
import { mapCall, mapReportedCost, mapStartedCall } from './map-model.ts'
import { modelCallName } from './map-name.ts'
import { mapUsage, residualUsage } from './map-usage.ts'
import { noteCallOf } from './record-tool.ts'
import { overdueAgent } from './overdue-agent.ts'
import { isGeneration } from './span-kind.ts'
import { notesOf } from './span-notes.ts'
import type { MastraSpan } from './types.ts'

/* What a call ends with that did not come to its end. */
const CUT: ReadonlySet<unknown> = new Set([undefined, 'aborted', 'suspended', 'error'])

/**
 * Notes a level of a model call that begins. Mastra tells a call on up to three levels, each with the same usage: the
 * innermost is the call, and what is around it is plumbing (mastra-ai/mastra#23910).
 */
export function startModel(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  { conversation, showAll }: { readonly conversation: Conversation; readonly showAll: boolean },
): void {
  becomeContainer(recorder, run.parent, showAll)
  becomeContainer(recorder, conversation.generation?.run, showAll)
  closeWaiting(recorder, conversation)
  if (isGeneration(span.type)) {
    conversation.generation = { run, calls: [], counted: undefined }
    noteMessages(recorder, span, conversation)
    noteModel(span, conversation)
  }
  const input = guard('the messages of a model call', () => messagesOf(recorder, conversation))
  const call: ModelCall = { run, input, toolsBeganAt: undefined, hasBegun: false }
  conversation.call = call
  run.onClose = () => cutCall(span, conversation, call)
}

/* A call whose end never came, as it was told when it began. */
function cutCall(span: MastraSpan, conversation: Conversation, call: ModelCall): RunFields {
  const model = readText(span.attributes, 'model') ?? conversation.model
  return {
    model,
    name: modelCallName(model),
    keptInput: call.input,
    metadata: mapStartedCall(span, conversation),
  }
}

/** Notes what the generation says after its start: the model follows a fallback (mastra-ai/mastra#15503). */
export function updateModel(
  recorder: Recorder,
  span: MastraSpan,
  conversation: Conversation | undefined,
): void {
  if (conversation === undefined) {
    return
  }
  if (isGeneration(span.type)) {
    noteModel(span, conversation)
  } else if (conversation.messages.length === 0) {
    // Without its generation the step's short form of the messages is all there is.
    noteMessages(recorder, span, conversation)
    if (conversation.call !== undefined) {
      conversation.call.input = conversation.messages[0]
    }
  }
}

/** Notes that a part of an answer has come. */
export function noteChunk(recorder: Recorder, parentKey: string): void {
  const run = recorder.find(parentKey)
  const call = notesOf(run)?.conversation?.call
  recorder.touch(run)
  if (run !== undefined && call?.run === run && !call.hasBegun) {
    call.hasBegun = true
    recorder.update(run, {
      metadata: { [attributes.timeToFirstToken]: Math.round(recorder.now() - run.startedAt) },
    })
  }
}

/** Ends a level of a model call. */
export function endModel(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation,
): void {
  const error = mapError(span.errorInfo)
  if (isGeneration(span.type)) {
    noteModel(span, conversation)
  }
  if (notesOf(run)?.isCall === true) {
    endCall(recorder, span, run, conversation)
  } else {
    recorder.end(run)
  }
  if (isGeneration(span.type)) {
    conversation.finishReason = readText(span.attributes, 'finishReason')
    addResidual(recorder, span, conversation)
    guard('the cost of a model call', () => addCost(recorder, span, conversation))
    if (error !== undefined || conversation.finishReason === 'error') {
      overdueAgent(recorder, conversation, error)
    }
  }
}

function endCall(recorder: Recorder, span: MastraSpan, run: Run, conversation: Conversation): void {
  const call = conversation.call?.run === run ? conversation.call : undefined
  const now = recorder.now()
  // The span of a call goes on while the tools run that it asked for.
  const endedAt = Math.min(now, call?.toolsBeganAt ?? now)
  const usage = mapUsage(read(span.attributes, 'usage'))
  // Before the generation follows a fallback, the end of a step names the model.
  const model =
    readText(span.metadata, 'modelMetadata', 'modelId') ??
    conversation.model ??
    readText(span.attributes, 'model') ??
    run.model
  const answer = guard('the answer of a model', () => keepAnswer(recorder, span))
  const told: RunEnd = {
    keptInput: call?.input ?? keepMessages(recorder, span),
    keptOutput: answer,
    usage,
    // Mastra reports their names.
    definitions: guard('the tools of a model call', () =>
      recorder.keepDefinitions({ tools: read(span.attributes, 'availableTools') }),
    ),
    model,
    name: modelCallName(model),
    held: false,
    metadata: guard('the details of a model call', () => mapCall(span, conversation)),
    endedAt,
  }
  const { generation } = conversation
  if (generation !== undefined) {
    generation.calls.push(run)
    generation.counted = addUsage(generation.counted, usage)
  }
  conversation.answer = readText(span.output, 'text') ?? conversation.answer
  guard('the tools of a model call', () => noteTools(recorder, span, run, conversation))
  guard('the messages of the next call', () => goOn(recorder, conversation, answer))
  conversation.call = call === undefined ? conversation.call : undefined
  const error = mapError(span.errorInfo)
  const finishReason = read(span.attributes, 'finishReason')
  if (error !== undefined) {
    recorder.end(run, { ...told, ...failedEnd(run, error) })
  } else if (CUT.has(finishReason)) {
    recorder.update(run, told)
    conversation.undecided.push({
      run,
      endedAt,
      kind: finishReason === 'error' ? 'failed' : 'cut',
    })
  } else {
    recorder.end(run, told)
  }
}

/* Which tools ran for the calls that the model asked for. */
function noteTools(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation,
): void {
  let candidates: readonly ToolUse[] = conversation.tools
  for (const asked of readList(span.output, 'toolCalls')) {
    const use = noteCallOf(recorder, candidates, asked)
    candidates = candidates.filter((other) => other !== use)
    if (use !== undefined && use.run.startedAt < run.startedAt) {
      // After an approval Mastra repeats the call that had asked for the tool, with its tokens.
      recorder.update(run, { metadata: { [attributes.synthetic]: true } })
    }
  }
}

/* What the next call will see: all of this one, its answer, and what the tools said. */
function goOn(recorder: Recorder, conversation: Conversation, answer: Snapshot | undefined): void {
  const results: Message[] = []
  for (const { callId, output } of conversation.tools) {
    if (callId !== undefined && output !== undefined) {
      results.push(toolMessage(callId, output))
    }
  }
  conversation.tools.length = 0
  const { messages } = conversation
  if (messages.length > 0 && answer !== undefined) {
    conversation.messages = [...messages, answer, recorder.keepMessages(results)]
  }
}

/* What a call is given that begins now. No call may follow, so that nothing is joined before. */
function messagesOf(recorder: Recorder, conversation: Conversation): Snapshot | undefined {
  const { messages } = conversation
  if (messages.length < 2) {
    return messages[0]
  }
  const joined = recorder.joinMessages(messages)
  conversation.messages = [joined]
  return joined
}

function noteMessages(recorder: Recorder, span: MastraSpan, conversation: Conversation): void {
  const kept = keepMessages(recorder, span)
  conversation.messages = kept === undefined ? [] : [kept]
}

function keepMessages(recorder: Recorder, span: MastraSpan): Snapshot | undefined {
  return guard('the messages of a model call', () => {
    const messages = mapMessages(span.input)
    return messages === undefined ? undefined : recorder.keepMessages(messages)
  })
}

function keepAnswer(recorder: Recorder, span: MastraSpan): Snapshot | undefined {
  const answer = mapAnswer(span.output)
  return answer === undefined ? undefined : recorder.keepMessages([answer])
}

/*
 * What a generation counts beyond its calls: of a call that was declined after it had asked for a tool, nothing else is
 * told.
 */
function addResidual(recorder: Recorder, span: MastraSpan, conversation: Conversation): void {
  const { generation } = conversation
  const first = generation?.calls[0]
  if (generation === undefined || first === undefined) {
    return
  }
  const rest = residualUsage(mapUsage(read(span.attributes, 'usage')), generation.counted)
  if (rest !== undefined) {
    generation.counted = addUsage(generation.counted, rest)
    recorder.update(first, { usage: addUsage(first.usage, rest) })
  }
}

/* The generation reports one cost for all of its calls, which is recorded on the last one. */
function addCost(recorder: Recorder, span: MastraSpan, { generation }: Conversation): void {
  const cost = mapReportedCost(span)
  const last = generation?.calls.at(-1)
  if (cost !== undefined && last !== undefined) {
    recorder.update(last, { reportedCost: cost })
  }
}

function noteModel(span: MastraSpan, conversation: Conversation): void {
  conversation.model = readText(span.attributes, 'model') ?? conversation.model
  conversation.provider = readText(span.attributes, 'provider') ?? conversation.provider
}

function becomeContainer(recorder: Recorder, run: Run | undefined, showAll: boolean): void {
  const notes = notesOf(run)
  if (run !== undefined && notes?.isCall === true) {
    notes.isCall = false
    run.onClose = undefined
    recorder.update(run, { type: 'other', name: notes.title, folded: !showAll, held: false })
  }
}

/* The model goes on, so nobody waits for a client: there was no such tool. */
function closeWaiting(recorder: Recorder, conversation: Conversation): void {
  if (conversation.waiting.length === 0) {
    return
  }
  for (const { run, endedAt } of conversation.waiting.splice(0)) {
    recorder.fail(run, { name: 'Error', message: `there is no tool ${run.name}` }, { endedAt })
  }
}
