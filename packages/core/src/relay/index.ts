export { createRelay } from './create-relay.ts'
export { toNodeHandler } from './to-node-handler.ts'

export type { Relay } from './create-relay.ts'
export type { RelayItem, RelayKind, RelayLimits, RelayOptions } from './relay-options.ts'
export type { NodeHandler, NodeRequest, NodeResponse } from './to-node-handler.ts'
