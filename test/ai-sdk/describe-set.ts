import { describe } from 'vitest'

import { runCallIds } from './call-ids.ts'
import { runEngines } from './engines.ts'
import { runPairs } from './pairs.ts'
import { runPayloads } from './payloads.ts'
import { runPeers } from './peers.ts'
import { runScenarios } from './scenarios.ts'
import { runServer } from './server.ts'
import { runSessions } from './sessions.ts'
import type { SDKSet } from './support/host.ts'

/** Everything that is tested on each version of the SDK. */
export function describeSet(set: SDKSet): void {
  describe(`ai ${set.name}`, () => {
    describe('wrapped', () => {
      runScenarios(set)
    })
    describe('beside other tracers', () => {
      runPeers(set)
    })
    describe('behind a server', () => {
      runServer(set)
    })
    describe('not wrapped', () => {
      runEngines(set)
    })
    describe('inside withSession()', () => {
      runSessions(set)
    })
    describe('as one of two layers', () => {
      runPairs(set)
    })
    runCallIds(set)
    runPayloads(set)
  })
}
