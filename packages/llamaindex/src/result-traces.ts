import { isObject, read, type Run, shared } from '@trulayer/core/internal'

/* The trace of what a call returned: the very objects that the host gets, which it may keep or not. */
const traces = shared('llamaindex:results', () => new WeakMap<object, string>())

/** Remembers the trace that a result came from. */
export function rememberResult(run: Run | undefined, result: unknown): void {
  if (run === undefined) {
    return
  }
  for (const value of partsOf(result)) {
    if (isObject(value)) {
      traces.set(value, run.turn.id)
    }
  }
}

/** The id of the trace that a result came from. */
export function traceOfResult(result: unknown): string | undefined {
  for (const value of partsOf(result)) {
    const id = isObject(value) ? traces.get(value) : undefined
    if (id !== undefined) {
      return id
    }
  }
  return undefined
}

/* Engines and agents wrap the message of the model once more. */
function partsOf(result: unknown): readonly unknown[] {
  return [result, read(result, 'message'), read(result, 'data', 'message'), read(result, 'stream')]
}
