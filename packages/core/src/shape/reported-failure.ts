import { isObject, isText, read, readList, readText } from './read.ts'

/* Longer JSON text is not parsed, as the host waits for it. */
const LONGEST_TEXT = 1_000_000
const FAILED = 'the tool failed'

/**
 * The text of a failure that the result of a tool reports instead of an error being thrown: a result of MCP with
 * `isError: true`, also as JSON text, or a call of an MCP server that the provider made and that has an `error`.
 * `undefined` for any other result.
 */
export function reportedFailure(result: unknown): string | undefined {
  if (typeof result === 'string') {
    return result.startsWith('{') &&
      result.length <= LONGEST_TEXT &&
      /"isError":\s*true/.test(result)
      ? reportedFailure(parse(result))
      : undefined
  }
  if (!isObject(result)) {
    return undefined
  }
  if (result['isError'] === true && Array.isArray(result['content'])) {
    return contentText(result) ?? FAILED
  }
  const { error } = result
  const isHostedCall = result['type'] === 'call' && isText(result['serverLabel'])
  return isHostedCall && error !== undefined && error !== null ? errorText(error) : undefined
}

function errorText(error: unknown): string {
  return isText(error) ? error : (contentText(error) ?? readText(error, 'message') ?? FAILED)
}

function contentText(value: unknown): string | undefined {
  const texts = readList(value, 'content')
    .map((part) => read(part, 'text'))
    .filter(isText)
  return texts.length === 0 ? undefined : texts.join('\n')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A text that only looks like JSON.
    return undefined
  }
}
