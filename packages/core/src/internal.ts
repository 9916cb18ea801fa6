/*
 * What the sibling packages stand on. Not for users: it changes without notice within a major, and the packages of one
 * release fit one another.
 */
export { resolveLogger, resolveRecorder } from './client/resolve-recorder.ts'
export { guard } from './record/guard.ts'
export { addAmbientLookup, toTagMap, withRun } from './record/context.ts'
export { BoundedMap } from './record/bounded-map.ts'
export { asyncContext, createAsyncStorage } from './runtime/async-context.ts'
export { monotonicClock } from './runtime/clock.ts'
export { startTimer } from './runtime/timers.ts'
export { shared } from './runtime/shared-state.ts'
export { toUuid } from './shape/ids.ts'
export { attributes } from './shape/attributes.ts'
export { latestAssistantText, latestUserText, mediaPart } from './shape/messages.ts'
export { fromWireTrace } from './shape/from-wire.ts'
export { addUsage, toTokenCount } from './shape/usage.ts'
export { toWireTrace } from './shape/wire.ts'

export type { Recorder } from './record/recorder.ts'
export type { Run, RunEnd, RunFields, RunStart } from './record/run.ts'
export type { AsyncContext } from './runtime/async-context.ts'
export type { Message, MessagePart } from './shape/messages.ts'
export type { WireSpan, WireTrace } from './shape/wire.ts'
