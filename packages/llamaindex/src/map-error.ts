import { readText } from '@trulayer/core/internal'

/** An error as LlamaIndex tells it, brought into the shape of one. */
export interface ToldError {
  readonly name: string
  readonly message: string
}

/* `Error(TypeError): what went wrong`, and once more `Error: ` for every level that it goes up. */
const TOLD = /^(?:Error: )*(?:Error\((\w+)\): )?([^]+)$/

/** The error of a tool, which LlamaIndex catches and tells as a text: to the model, or as the message of another error. */
export function mapToolError(error: unknown): unknown {
  const text = typeof error === 'string' ? error : readText(error, 'message')
  const isWrapped = typeof error === 'string' || readText(error, 'name') === 'Error'
  const told = text === undefined || !isWrapped ? null : TOLD.exec(text)
  const message = told?.[2]
  return message === undefined
    ? (error ?? TOOL_FAILED)
    : ({ name: told?.[1] ?? 'Error', message } satisfies ToldError)
}

/** What is said of a tool that threw without anybody telling what. */
export const TOOL_FAILED: ToldError = { name: 'Error', message: 'the tool failed' }
