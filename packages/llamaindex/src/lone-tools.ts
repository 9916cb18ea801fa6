import {
  BoundedMap,
  read,
  readText,
  type Recorder,
  type Run,
  shared,
} from '@trulayer/core/internal'

const REMEMBERED_CALLS = 1000
const LONGEST_SIGNATURE = 1000

/*
 * Tools whose parent is no run of LlamaIndex, by the calls that they answer: those of an agent that is not wrapped. Only
 * keys, because the entries outlive their traces. Equal calls of several agents share an entry.
 */
const keysOfCalls = shared(
  'llamaindex:lone-tools',
  () => new BoundedMap<string, readonly string[]>(REMEMBERED_CALLS),
)

/** Remembers a tool that no run of LlamaIndex contains. */
export function rememberLoneTool(recorder: Recorder, run: Run, toolCall: unknown): void {
  if (run.key !== undefined) {
    const signature = signatureOf(toolCall)
    const open = openKeys(recorder, signature)
    keysOfCalls.set(signature, [...open, run.key])
  }
}

/** The open tool that answers a call, of those that no run of LlamaIndex contains. */
export function loneToolOf(recorder: Recorder, toolCall: unknown): Run | undefined {
  const [key] = openKeys(recorder, signatureOf(toolCall))
  return key === undefined ? undefined : recorder.find(key)
}

function openKeys(recorder: Recorder, signature: string): readonly string[] {
  return (keysOfCalls.get(signature) ?? []).filter((key) => recorder.find(key)?.isOpen === true)
}

function signatureOf(toolCall: unknown): string {
  const call = [readText(toolCall, 'id'), readText(toolCall, 'name'), read(toolCall, 'input')]
  return JSON.stringify(call).slice(0, LONGEST_SIGNATURE)
}
