import { type Path, read } from './read.ts'
import { toTokenCount, type Usage } from './usage.ts'

/** How a provider writes tokens. */
interface UsageShape {
  readonly input: Path
  readonly output: Path
  readonly cached?: Path
  readonly cacheWrite?: Path
  readonly reasoning?: Path
  readonly total?: Path
  /** Which parts the provider counts apart from its input and its output. */
  readonly apart?: 'cache' | 'reasoning'
}

const SHAPES: readonly UsageShape[] = [
  // OpenAI's chat completions, and who speaks like them.
  {
    input: ['prompt_tokens'],
    output: ['completion_tokens'],
    cached: ['prompt_tokens_details', 'cached_tokens'],
    reasoning: ['completion_tokens_details', 'reasoning_tokens'],
    total: ['total_tokens'],
  },
  // OpenAI's responses.
  {
    input: ['input_tokens'],
    output: ['output_tokens'],
    cached: ['input_tokens_details', 'cached_tokens'],
    reasoning: ['output_tokens_details', 'reasoning_tokens'],
  },
  // Anthropic.
  {
    input: ['input_tokens'],
    output: ['output_tokens'],
    cached: ['cache_read_input_tokens'],
    cacheWrite: ['cache_creation_input_tokens'],
    apart: 'cache',
  },
  // Amazon Bedrock.
  {
    input: ['inputTokens'],
    output: ['outputTokens'],
    cached: ['cacheReadInputTokens'],
    cacheWrite: ['cacheWriteInputTokens'],
    apart: 'cache',
  },
  // Google.
  {
    input: ['promptTokenCount'],
    output: ['candidatesTokenCount'],
    cached: ['cachedContentTokenCount'],
    reasoning: ['thoughtsTokenCount'],
    apart: 'reasoning',
  },
  // LangChain's own of old, and Ollama.
  { input: ['promptTokens'], output: ['completionTokens'] },
  { input: ['prompt_eval_count'], output: ['eval_count'] },
]

/**
 * Tokens as a provider writes them, in the shape that tells the most of them; `undefined` where there are none or all of
 * them are zero, which is what integrations begin to count with.
 */
export function mapRawUsage(raw: unknown): Usage | undefined {
  const readings = SHAPES.map((shape) => readShape(raw, shape))
  const best = readings.toSorted((one, other) => known(other) - known(one))[0]
  const isEmpty = Object.values(best ?? {}).every((count) => count === undefined || count === 0)
  return isEmpty ? undefined : best
}

function readShape(raw: unknown, shape: UsageShape): Usage {
  const count = (path: Path | undefined): number | undefined =>
    path === undefined ? undefined : toTokenCount(read(raw, ...path))
  const input = count(shape.input)
  const output = count(shape.output)
  const cachedTokens = count(shape.cached)
  const cacheWriteTokens = count(shape.cacheWrite)
  const reasoningTokens = count(shape.reasoning)
  const cache = shape.apart === 'cache' ? (cachedTokens ?? 0) + (cacheWriteTokens ?? 0) : 0
  const isApart =
    shape.apart === 'reasoning' || isBeyond(count(shape.total), input, output, reasoningTokens)
  const thought = isApart ? (reasoningTokens ?? 0) : 0
  return {
    promptTokens: input === undefined ? undefined : input + cache,
    completionTokens: output === undefined ? undefined : output + thought,
    cachedTokens,
    cacheWriteTokens,
    reasoningTokens,
  }
}

/* xAI speaks like OpenAI, but counts reasoning apart from its output: the total shows it. */
function isBeyond(
  total: number | undefined,
  input = 0,
  output = 0,
  reasoning: number | undefined,
): boolean {
  return reasoning !== undefined && total === input + output + reasoning
}

function known(usage: Usage): number {
  return Object.values(usage).filter((count) => count !== undefined).length
}
