import { isList, read, type Run } from '@trulayer/core/internal'

import { notesOf } from './run-notes.ts'

/** Notes what a run returned for the run around it. */
export function noteOutput(run: Run, output: unknown): void {
  const above = notesOf(run.parent)
  if (above?.isSequence === true && run.parent?.isOpen === true) {
    above.latestOutput = unwrap(output)
  }
}

/**
 * What a run itself returned. A batch of sequences ends each of them with the outputs of all before `@langchain/core` 1.4;
 * that of one sequence is what its last step returned.
 */
export function ownOutput(run: Run, outputs: unknown): unknown {
  const notes = notesOf(run)
  const latest = notes?.latestOutput
  if (notes !== undefined) {
    notes.latestOutput = undefined
  }
  const all = unwrap(outputs)
  const isOfAll = latest !== undefined && isList(all) && all !== latest && all.includes(latest)
  return isOfAll ? latest : outputs
}

/* LangChain puts what is no object under this one key. */
function unwrap(value: unknown): unknown {
  return read(value, 'output') ?? value
}
