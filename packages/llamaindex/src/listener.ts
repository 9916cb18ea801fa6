import type { Recorder } from '@trulayer/core/internal'

import type { EventListener } from './event-managers.ts'
import type { Instrumentation } from './instrumentation.ts'
import { endModel, noteModelPart, startModel } from './record-model.ts'
import { endQuery, endSynthesis, startQuery, startSynthesis } from './record-query.ts'
import { endRetrieval, startRetrieval } from './record-retrieval.ts'
import { endTool, startTool } from './record-tool.ts'
import type { ToldEvent } from './types.ts'

type Record = (recorder: Recorder, event: ToldEvent) => void

/*
 * What is recorded. Nodes and chunks are plumbing; `agent-start` and `agent-end` come for every step of an agent of old,
 * and not in pairs.
 */
const EVENTS = new Map<string, Record>([
  ['query-start', startQuery],
  ['query-end', endQuery],
  ['retrieve-start', startRetrieval],
  ['retrieve-end', endRetrieval],
  ['synthesize-start', startSynthesis],
  ['synthesize-end', endSynthesis],
  ['llm-start', startModel],
  ['llm-stream', noteModelPart],
  ['llm-end', endModel],
  ['llm-tool-call', startTool],
  ['llm-tool-result', endTool],
])

/** Hears what callback managers are told, and records it. */
export class TruLayerListener implements EventListener {
  readonly #instrumentation: Instrumentation

  constructor(instrumentation: Instrumentation) {
    this.#instrumentation = instrumentation
  }

  get isOn(): boolean {
    return this.#instrumentation.isOn
  }

  hear(event: ToldEvent): void {
    EVENTS.get(event.type)?.(this.#instrumentation.recorder, event)
  }
}
