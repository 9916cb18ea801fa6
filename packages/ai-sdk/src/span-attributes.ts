import { type Fields, toTokenCount } from '@trulayer/core/internal'

import type { Answer } from './answer.ts'
import { parseArguments as parseJson } from './parse-arguments.ts'
import { fieldOf } from './types.ts'

/** The attributes of a span, as versions 4 to 6 write them. */
export type SpanAttributes = Readonly<Record<string, unknown>>

/** What the user of a call said: `ai.prompt` holds prompt or messages as JSON. */
export function mapPromptAttribute(attributes: SpanAttributes): unknown {
  const value = attributes['ai.value'] ?? attributes['ai.values']
  return value === undefined
    ? parseJson(attributes['ai.prompt'])
    : { value: Array.isArray(value) ? value.map(parseJson) : parseJson(value) }
}

/** The options of a model call, as far as they are written. */
export function mapCallAttributes(attributes: SpanAttributes): Fields {
  return {
    prompt: parseJson(attributes['ai.prompt.messages']),
    tools: toolsIn(attributes),
    maxOutputTokens: attributes['gen_ai.request.max_tokens'],
    temperature: attributes['gen_ai.request.temperature'],
    topP: attributes['gen_ai.request.top_p'],
    topK: attributes['gen_ai.request.top_k'],
    frequencyPenalty: attributes['gen_ai.request.frequency_penalty'],
    presencePenalty: attributes['gen_ai.request.presence_penalty'],
    stopSequences: attributes['gen_ai.request.stop_sequences'],
    values: listOf(attributes['ai.values']).map(parseJson),
    query: attributes['ai.query'],
    documents: listOf(attributes['ai.documents']).map(parseJson),
  }
}

/** The format that an operation asks its model for: JSON for an object, with its schema unless any will do. */
export function mapFormatAttributes(name: string, attributes: SpanAttributes): object | undefined {
  return name.endsWith('Object')
    ? { type: 'json', schema: parseJson(attributes['ai.schema']) }
    : undefined
}

function toolsIn(attributes: SpanAttributes): readonly unknown[] | undefined {
  const tools = attributes['ai.prompt.tools']
  return Array.isArray(tools) ? tools.map(parseJson) : undefined
}

/** The model of a call. */
export function mapModelAttributes(attributes: SpanAttributes): Fields {
  return { modelId: attributes['ai.model.id'], provider: attributes['ai.model.provider'] }
}

/** What a model answered. */
export function mapAnswerAttributes(attributes: SpanAttributes): Answer {
  const text = attributes['ai.response.text'] ?? attributes['ai.response.object']
  const reasoning = attributes['ai.response.reasoning']
  const calls = parseJson(attributes['ai.response.toolCalls'])
  return {
    content: [
      ...(isText(reasoning) ? [{ type: 'reasoning', text: reasoning }] : []),
      ...(isText(text) ? [{ type: 'text', text }] : []),
      ...listOf(calls).map((call) =>
        Object.assign(
          { type: '', providerExecuted: isExecutedByProvider(call, attributes) },
          call,
          { type: 'tool-call' },
        ),
      ),
    ],
    finishReason: attributes['ai.response.finishReason'],
    usage: mapUsageAttributes(attributes),
    providerMetadata: parseJson(attributes['ai.response.providerMetadata']),
    response: { id: attributes['ai.response.id'], modelId: attributes['ai.response.model'] },
  }
}

/** What a model answered with values, as its own result would have it. */
export function mapValueAttributes(attributes: SpanAttributes): Fields {
  return {
    embeddings: listOf(attributes['ai.embeddings']).map(parseJson),
    usage: { tokens: toTokenCount(attributes['ai.usage.tokens']) },
    ranking: listOf(attributes['ai.ranking']).map(parseJson),
  }
}

/* Two names for the same numbers, and from version 6 on the parts; the model's own words are gone by then. */
function mapUsageAttributes(attributes: SpanAttributes): unknown {
  const read = (name: string): unknown => attributes[`ai.usage.${name}`]
  if (
    read('inputTokenDetails.cacheReadTokens') !== undefined ||
    read('inputTokenDetails.noCacheTokens') !== undefined
  ) {
    return {
      inputTokens: {
        total: read('inputTokens'),
        cacheRead: read('inputTokenDetails.cacheReadTokens'),
        cacheWrite: read('inputTokenDetails.cacheWriteTokens'),
      },
      outputTokens: {
        total: read('outputTokens'),
        reasoning: read('outputTokenDetails.reasoningTokens'),
      },
    }
  }
  if (read('inputTokens') === undefined) {
    return { promptTokens: read('promptTokens'), completionTokens: read('completionTokens') }
  }
  return {
    inputTokens: read('inputTokens'),
    outputTokens: read('outputTokens'),
    totalTokens: read('totalTokens'),
    cachedInputTokens: read('cachedInputTokens'),
    reasoningTokens: read('reasoningTokens'),
  }
}

/** The object that an operation came to; `undefined` where it came to text. */
export function mapObjectAttribute(attributes: SpanAttributes): unknown {
  return parseJson(attributes['ai.response.object'])
}

/** A call of a tool: its name, id and input. */
export function mapToolAttributes(attributes: SpanAttributes): Fields {
  return {
    name: attributes['ai.toolCall.name'],
    id: attributes['ai.toolCall.id'],
    input: parseJson(attributes['ai.toolCall.args']),
    output: parseJson(attributes['ai.toolCall.result']),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * The results in the prompt of a step, as parts of the step before. Whether a result is of the program or of the provider,
 * it stands from the last answer on: what comes before is of earlier turns or steps.
 */
export function repeatedResultsIn(options: Fields): Fields[] {
  const prompt = listOf(options['prompt'])
  const last = prompt.findLastIndex((message) => fieldOf(message, 'role') === 'assistant')
  return prompt
    .slice(Math.max(last, 0))
    .flatMap((message) => listOf(fieldOf(message, 'content')))
    .filter((part) => fieldOf(part, 'type') === 'tool-result')
    .map((part) => {
      const output = fieldOf(part, 'output')
      const value = fieldOf(output, 'value')
      const toolCallId = fieldOf(part, 'toolCallId')
      const toolName = fieldOf(part, 'toolName')
      return String(fieldOf(output, 'type')).startsWith('error-')
        ? { type: 'tool-error', toolCallId, toolName, error: value }
        : { type: 'tool-result', toolCallId, toolName, output: value ?? output }
    })
}

/*
 * Spans of `generateText` leave out that the provider executes a call. The definitions of the tools say whose a tool is,
 * but some tools of a provider are executed by the program; for those the answer finishes with `tool-calls`.
 */
function isExecutedByProvider(call: unknown, attributes: SpanAttributes): boolean {
  const name = fieldOf(call, 'toolName')
  return (
    attributes['ai.response.finishReason'] !== 'tool-calls' &&
    listOf(attributes['ai.prompt.tools'])
      .map(parseJson)
      .some(
        (tool) =>
          fieldOf(tool, 'name') === name && String(fieldOf(tool, 'type')).startsWith('provider'),
      )
  )
}
