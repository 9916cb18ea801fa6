import { readText, type Recorder, type Run } from '@trulayer/core/internal'

/** The key of a run in the recorder: LlamaIndex's own id, which is one for every call. */
export function runKey(id: string): string {
  return `llamaindex:${id}`
}

/** The run that the detail of an event tells of, by its id. */
export function runOfDetail(recorder: Recorder, detail: unknown): Run | undefined {
  const id = readText(detail, 'id')
  return id === undefined ? undefined : recorder.find(runKey(id))
}
