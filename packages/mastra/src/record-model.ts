import {
  addUsage,
  attributes,
  guard,
  isList,
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
import { mapAnswer, mapMessages, mapPrompt, mapToolOutput, toolMessage } from './map-messages.ts'
import { mapCall, mapReportedCost, mapStartedCall } from './map-model.ts'
import { modelCallName } from './map-name.ts'
import { mapUsage, residualUsage } from './map-usage.ts'
import { noteCallOf } from './record-tool.ts'
import { overdueAgent } from './overdue-agent.ts'
import { callIds, type KnownMessage, promptOf, reportedPrompt } from './reported-prompt.ts'
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
  conversation.stop = undefined
  if (isGeneration(span.type)) {
    conversation.generation = { run, calls: [], counted: undefined }
    noteMessages(recorder, span, conversation)
    noteModel(span, conversation)
  }
  const { call: outer } = conversation
  const call: ModelCall = {
    run,
    input: joined(recorder, conversation.messages),
    toolsBeganAt: undefined,
    hasBegun: false,
    isCached: outer?.run === run.parent && outer?.isCached === true,
  }
  conversation.call = call
  run.onClose = () => cutCall(span, conversation, call)
  if (!isGeneration(span.type)) {
    // Up to 0.24 a step is reported once its request has been sent.
    notePrompt(recorder, span, conversation)
  }
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
  } else {
    notePrompt(recorder, span, conversation)
  }
}

/* Providers that are sent the system prompt apart from the messages. */
const SYSTEM_APART = /anthropic|bedrock|google|gemini|vertex/

/*
 * Which messages the model was given, processors and `prepareStep` included. A step reports that once its request has been
 * sent, with the content of some messages shortened.
 */
function notePrompt(recorder: Recorder, span: MastraSpan, conversation: Conversation): void {
  const { call } = conversation
  const reported = guard('the prompt of a step', () => reportedPrompt(span.input))
  if (call === undefined || reported === undefined) {
    return
  }
  const { known, messages } = conversation
  const prompt = promptOf(reported, known, (message) => recorder.keepMessages([message]))
  const isSystemApart =
    !reported.some(({ role }) => role === 'system') &&
    SYSTEM_APART.test(conversation.provider ?? '')
  conversation.messages = isSystemApart
    ? [...messages.filter(({ role }) => role === 'system'), ...prompt]
    : prompt
  if (isList(span.input)) {
    conversation.known = [...known, ...prompt.filter((message) => !known.includes(message))]
  }
  call.input = joined(recorder, conversation.messages)
  noteRepeated(recorder, conversation)
}

/* The call that a resumed turn repeats was given what stands before its answer. */
function noteRepeated(recorder: Recorder, conversation: Conversation): void {
  const { messages, repeated } = conversation
  if (repeated !== undefined) {
    const asked = callIds([repeated.answer])
    const position = messages.findLastIndex(({ copies }) => callIds(copies) === asked)
    const prompt = messages.slice(0, Math.max(position, 0))
    recorder.update(repeated.run, { keptInput: joined(recorder, prompt) })
    conversation.repeated = undefined
  }
}

/** Notes what a span beside a model call says of it: a processor that answered in its place, or what it sees of a tool. */
export function noteBesideCall(span: MastraSpan, conversation: Conversation | undefined): void {
  const callId = readText(span.attributes, 'toolCallId')
  if (read(span.attributes, 'mappingType') === 'toModelOutput' && callId !== undefined) {
    conversation?.modelOutputs.push({ callId, output: mapToolOutput(span.output) })
  } else if (
    span.type === 'processor_run' &&
    conversation?.call !== undefined &&
    read(span.output, 'shortCircuited') === true
  ) {
    conversation.call.isCached = true
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
  const isCached = call?.isCached === true
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
    // What a processor answers from its cache costs nothing, whatever the cached answer says.
    usage: isCached ? { promptTokens: 0, completionTokens: 0 } : usage,
    // Mastra reports their names.
    definitions: guard('the tools of a model call', () =>
      recorder.keepDefinitions({ tools: read(span.attributes, 'availableTools') }),
    ),
    model,
    name: modelCallName(model),
    held: false,
    metadata: {
      ...guard('the details of a model call', () => mapCall(span, conversation)),
      [attributes.cached]: isCached || undefined,
    },
    endedAt,
  }
  const { generation } = conversation
  if (generation !== undefined) {
    if (!isCached) {
      generation.calls.push(run)
    }
    generation.counted = addUsage(generation.counted, usage)
  }
  conversation.answer = readText(span.output, 'text') ?? conversation.answer
  const isRepeated = guard('the tools of a model call', () =>
    noteTools(recorder, span, run, conversation),
  )
  guard('the messages of the next call', () => goOn(recorder, conversation, answer))
  conversation.repeated = isRepeated === true && answer !== undefined ? { run, answer } : undefined
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

/* Which tools ran for the calls that the model asked for. True where the call only repeats an earlier one. */
function noteTools(
  recorder: Recorder,
  span: MastraSpan,
  run: Run,
  conversation: Conversation,
): boolean {
  let isRepeated = false
  let candidates: readonly ToolUse[] = conversation.tools
  for (const asked of readList(span.output, 'toolCalls')) {
    const use = noteCallOf(recorder, candidates, asked)
    candidates = candidates.filter((other) => other !== use)
    if (use !== undefined && use.run.startedAt < run.startedAt) {
      // After an approval Mastra repeats the call that had asked for the tool, with its tokens.
      recorder.update(run, { metadata: { [attributes.synthetic]: true } })
      isRepeated = true
    }
  }
  return isRepeated
}

/* What the next call will see: all of this one, its answer, and what the tools said. */
function goOn(recorder: Recorder, conversation: Conversation, answer: Snapshot | undefined): void {
  const results: Snapshot[] = []
  for (const { callId, output } of conversation.tools) {
    if (callId !== undefined && output !== undefined) {
      const seen = takeModelOutput(conversation, callId)
      results.push(recorder.keepMessages([toolMessage(callId, seen === undefined ? output : seen)]))
    }
  }
  conversation.tools.length = 0
  conversation.modelOutputs.length = 0
  if (conversation.messages.length === 0 || answer === undefined) {
    return
  }
  const said: KnownMessage = { role: 'assistant', copies: [answer] }
  const added = results.length === 0 ? [said] : [said, { role: 'tool', copies: results }]
  conversation.messages = [...conversation.messages, ...added]
  conversation.known = [...conversation.known, ...added]
}

function takeModelOutput({ modelOutputs }: Conversation, callId: string): unknown {
  const position = modelOutputs.findIndex((candidate) => candidate.callId === callId)
  return position === -1 ? undefined : modelOutputs.splice(position, 1)[0]?.output
}

function joined(recorder: Recorder, messages: readonly KnownMessage[]): Snapshot | undefined {
  return messages.length === 0
    ? undefined
    : guard('the messages of a model call', () =>
        recorder.joinMessages(messages.flatMap(({ copies }) => copies)),
      )
}

function noteMessages(recorder: Recorder, span: MastraSpan, conversation: Conversation): void {
  guard('the messages of a model call', () => {
    const known: { role: string; copies: Snapshot[] }[] = []
    for (const message of mapMessages(span.input) ?? []) {
      const copy = recorder.keepMessages([message])
      const last = known.at(-1)
      if (message.role === 'tool' && last?.role === message.role) {
        last.copies.push(copy)
      } else {
        known.push({ role: message.role, copies: [copy] })
      }
    }
    conversation.messages = known
    conversation.known = [...conversation.known, ...known]
  })
}

function keepMessages(recorder: Recorder, span: MastraSpan): Snapshot | undefined {
  return guard('the messages of a model call', () => {
    const messages = mapPrompt(span.input)
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
