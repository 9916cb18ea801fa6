import { isList, isObject, read, type Run, shared } from '@trulayer/core/internal'

/* The trace of what a run returned: the very objects that the host gets, which it may keep or not. */
const tracesOfResults = shared('langchain:results', () => new WeakMap<object, string>())

/** Remembers the trace that a result came from, and that of its latest message. */
export function rememberResult(run: Run, result: unknown): void {
  for (const value of [result, latestMessage(result)]) {
    if (isObject(value)) {
      tracesOfResults.set(value, run.turn.id)
    }
  }
}

/** The id of the trace that a result came from. */
export function traceOfResult(result: unknown): string | undefined {
  return [result, latestMessage(result)]
    .map((value) => (isObject(value) ? tracesOfResults.get(value) : undefined))
    .find((id) => id !== undefined)
}

function latestMessage(result: unknown): unknown {
  const messages = isList(result) ? result : read(result, 'messages')
  return isList(messages) ? messages.at(-1) : undefined
}
