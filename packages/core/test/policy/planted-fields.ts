import type { FinishedSpan, FinishedTrace, TraceEvent } from '../../src/index.ts'
import type { JsonValue } from '../../src/shape/json.ts'

const ID = '00000000-0000-7000-8000-000000000001'

/** A trace with nothing in it but what is given. */
export function traceOf(fields: Partial<FinishedTrace> = {}): FinishedTrace {
  return {
    id: ID,
    name: 'answer',
    status: 'ok',
    sessionId: 's',
    startedAt: 1,
    endedAt: 2,
    tags: {},
    metadata: {},
    spans: [],
    events: [],
    ...fields,
  }
}

/** A trace with one model call. */
export function spanOf(fields: Partial<FinishedSpan>): FinishedTrace {
  const span = { id: ID, name: 'chat m', type: 'llm', status: 'ok', startedAt: 1, endedAt: 2 }
  return traceOf({ spans: [{ ...span, metadata: {}, ...fields } as FinishedSpan] })
}

function eventOf(fields: Partial<TraceEvent>): FinishedTrace {
  return traceOf({ events: [{ id: ID, level: 'info', message: 'm', metadata: {}, ...fields }] })
}

/** Puts a text into a trace. */
export interface PlantedField {
  readonly field: string
  /** For fields that hold any value, that value in which the text stands somewhere. */
  readonly plant: (text: string, value: JsonValue) => FinishedTrace
  readonly takesValues: boolean
}

const text = (field: string, plant: (text: string) => FinishedTrace): PlantedField => ({
  field,
  plant,
  takesValues: false,
})

const value = (field: string, plant: (value: JsonValue) => FinishedTrace): PlantedField => ({
  field,
  plant: (_, planted) => plant(planted),
  takesValues: true,
})

/** Every place of a trace that holds words of the host. `test:mutation` forgets one after the other. */
export const FIELDS: readonly PlantedField[] = [
  text('name', (name) => traceOf({ name })),
  text('session id', (sessionId) => traceOf({ sessionId })),
  text('user id', (userId) => traceOf({ userId })),
  text('external id', (externalId) => traceOf({ externalId })),
  value('input', (input) => traceOf({ input })),
  value('output', (output) => traceOf({ output })),
  text('error', (error) => traceOf({ error: `Error: ${error}` })),
  text('tag key', (key) => traceOf({ tags: { [key]: 'v' } })),
  text('tag value', (tag) => traceOf({ tags: { k: tag } })),
  text('metadata key', (key) => traceOf({ metadata: { [key]: 1 } })),
  value('metadata value', (entry) => traceOf({ metadata: { k: entry } })),
  text('metadata user.id', (id) => traceOf({ metadata: { 'user.id': id } })),
  text('metadata environment', (name) =>
    traceOf({ metadata: { 'deployment.environment.name': name } }),
  ),
  text('metadata under a key that looks like ours', (entry) =>
    traceOf({ metadata: { 'trulayer.note': entry, 'gen_ai.x': entry } }),
  ),
  value('object under a key of ours', (entry) =>
    traceOf({ metadata: { 'trulayer.status': { entry }, cost_usd: [{ entry }] } }),
  ),
  text('span name', (name) => spanOf({ name })),
  value('span input', (input) => spanOf({ input })),
  value('span output', (output) => spanOf({ output })),
  text('span error', (error) => spanOf({ error: `Error: ${error}` })),
  text('span metadata key', (key) => spanOf({ metadata: { [key]: 1 } })),
  value('span metadata value', (entry) => spanOf({ metadata: { k: entry } })),
  text('span tool call id', (id) => spanOf({ metadata: { 'gen_ai.tool.call.id': id } })),
  text('span agent name', (name) => spanOf({ metadata: { 'gen_ai.agent.name': name } })),
  value('span tool definitions', (tools) =>
    spanOf({ metadata: { 'gen_ai.tool.definitions': tools } }),
  ),
  text('span stop sequences', (word) =>
    spanOf({ metadata: { 'gen_ai.request.stop_sequences': [word] } }),
  ),
  text('span reason', (reason) => spanOf({ metadata: { 'trulayer.reason': reason } })),
  text('span hand-off', (name) => spanOf({ metadata: { 'trulayer.handoff_to': name } })),
  text('span branch', (name) => spanOf({ metadata: { 'trulayer.branch': name } })),
  text('span stack', (stack) => spanOf({ metadata: { 'exception.stacktrace': stack } })),
  text('tool call id in a message', (id) =>
    spanOf({ output: [{ role: 'assistant', parts: [{ type: 'tool_call', id, name: 'n' }] }] }),
  ),
  text('tool response id in a message', (id) =>
    spanOf({ input: [{ role: 'tool', parts: [{ type: 'tool_call_response', id }] }] }),
  ),
  text('event message', (message) => eventOf({ message })),
  text('event metadata key', (key) => eventOf({ metadata: { [key]: 1 } })),
  value('event metadata value', (entry) => eventOf({ metadata: { k: entry } })),
  text('event metadata under a key of ours', (entry) =>
    eventOf({ metadata: { 'trulayer.status': entry } }),
  ),
]
