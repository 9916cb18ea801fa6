import { isObject } from '@trulayer/core/internal'
import { overlay } from './copy-with.ts'
import type { TelemetryIntegration } from './integration.ts'
import { fieldOf, isFunction } from './types.ts'

/* Where versions 6 and 7 keep the integrations that a process has registered, both in the same list. */
const LIST = 'AI_SDK_TELEMETRY_INTEGRATIONS'

/** What integrations of ours are known by, in every copy of the library. */
export const INTEGRATION = Symbol.for('trulayer.integration')

/** The list of registered integrations; an empty one that nobody sees where there is none. */
export function globalIntegrations(): TelemetryIntegration[] {
  const list: unknown = Reflect.get(globalThis, LIST)
  return isIntegrationList(list) ? list : []
}

/** Registers an integration without the SDK at hand: the list is all that its own function changes. */
export function addGlobalIntegration(integration: TelemetryIntegration): void {
  const list: unknown = Reflect.get(globalThis, LIST)
  if (isIntegrationList(list)) {
    list.push(integration)
  } else {
    Reflect.set(globalThis, LIST, [integration])
  }
}

/** True where the process has the list, which the first registration creates. */
export function hasGlobalIntegrations(): boolean {
  return Reflect.get(globalThis, LIST) !== undefined
}

/**
 * Takes an integration out again, which the SDK has no function for.
 *
 * @param hadList - whether the list existed before the registration; an empty one that did not is removed
 */
export function removeGlobalIntegration(integration: TelemetryIntegration, hadList: boolean): void {
  const list = globalIntegrations()
  const index = list.indexOf(integration)
  if (index >= 0) {
    list.splice(index, 1)
    if (list.length === 0 && !hadList) {
      Reflect.deleteProperty(globalThis, LIST)
    }
  }
}

/** True for an integration of ours. */
export function isOurs(integration: unknown): boolean {
  return fieldOf(integration, INTEGRATION) === true
}

/*
 * Events that agents of other packages (`@ai-sdk/workflow`, `@ai-sdk/harness`) report without a call id. Version 6 has none of
 * that name.
 */
const WITHOUT_CALL_ID = new Set<PropertyKey>([
  'onToolExecutionStart',
  'onToolExecutionEnd',
  'onError',
])

/**
 * A stand-in for an integration that hears of version 7 alone. Version 6 shares the list, calls what it finds there without
 * its object, and adds the integrations of a call to the registered ones, so that it would tell one of them twice; its
 * events have no call id.
 *
 * @param onOther - hears that such an event came
 */
export function onlyWithCallId(
  integration: TelemetryIntegration,
  onOther?: () => void,
): TelemetryIntegration {
  return new Proxy(overlay(integration, {}), {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key)
      return isFunction(member)
        ? (event: unknown, ...rest: unknown[]): unknown =>
            fieldOf(event, 'callId') === undefined && !WITHOUT_CALL_ID.has(key)
              ? onOther?.()
              : Reflect.apply(member, integration, [event, ...rest])
        : member
    },
  })
}

/* Integrations of any make, of which ours needs no more than that they are objects. */
function isIntegrationList(value: unknown): value is TelemetryIntegration[] {
  return Array.isArray(value) && value.every(isObject)
}
