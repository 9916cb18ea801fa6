import { guard, readExport, shared } from '@trulayer/core/internal'

import { attach, detach, type EventListener, whoCalls } from './event-managers.ts'
import { isEventManager, isFunction } from './guards.ts'
import { addCallerSource } from './callers.ts'
import type { EventManager, LlamaIndexSettings } from './types.ts'

const MANAGER = 'callbackManager'
const SCOPE = 'withCallbackManager'

type Follower = (manager: unknown) => void

/** What was done to settings, once for all that follow them. */
interface FollowedSettings {
  readonly followers: Set<Follower>
  readonly undo: () => void
}

/*
 * Shared by all copies of this package: with a layer for each installation, one that is undone before a later one would
 * leave its layer behind, and every reload of a module would add another.
 */
const followed = shared(
  'llamaindex:settings',
  () => new WeakMap<LlamaIndexSettings, FollowedSettings>(),
)

/**
 * Hears everything that is told where these settings are in force: their manager, the one that takes its place, and those of
 * `withCallbackManager`.
 *
 * @returns a function that undoes it; `undefined` for what has no manager
 */
export function followSettings(
  settings: LlamaIndexSettings,
  listener: EventListener,
): (() => void) | undefined {
  const manager = readExport(settings, MANAGER)
  if (!isEventManager(manager)) {
    return undefined
  }
  const follow = (value: unknown): void => {
    guard('a callback manager of LlamaIndex', () => {
      if (listener.isOn && isEventManager(value)) {
        attach(value, listener)
      }
    })
  }
  follow(manager)
  const undos = [
    addCallerSource(() => whoCalls(manager)),
    followChanges(settings, follow),
    () => detachFrom(manager, listener),
  ]
  return () => undos.forEach((undo) => undo())
}

function detachFrom(manager: EventManager, listener: EventListener): void {
  detach(manager, listener)
}

/* Calls the follower with every manager that is about to be in force. */
function followChanges(settings: LlamaIndexSettings, follower: Follower): () => void {
  const { followers } = followed.get(settings) ?? install(settings)
  followers.add(follower)
  return () => {
    if (followers.delete(follower) && followers.size === 0) {
      followed.get(settings)?.undo()
      followed.delete(settings)
    }
  }
}

function install(settings: LlamaIndexSettings): FollowedSettings {
  const followers = new Set<Follower>()
  const follow: Follower = (manager) => followers.forEach((follower) => follower(manager))
  const undos = [replaceScopes(settings, follow), replaceManager(settings, follow)]
  const installed = { followers, undo: () => undos.forEach((undo) => undo()) }
  followed.set(settings, installed)
  return installed
}

function replaceScopes(settings: LlamaIndexSettings, follow: Follower): () => void {
  const original: unknown = Reflect.get(settings, SCOPE)
  if (!isFunction(original)) {
    return () => {}
  }
  return replace(settings, SCOPE, {
    value(this: unknown, ...parameters: unknown[]): unknown {
      follow(parameters[0])
      return Reflect.apply(original, this, parameters)
    },
    writable: true,
  })
}

function replaceManager(settings: LlamaIndexSettings, follow: Follower): () => void {
  const accessor = accessorOf(settings, MANAGER)
  const read: unknown = Reflect.get(accessor ?? {}, 'get')
  const write: unknown = Reflect.get(accessor ?? {}, 'set')
  if (!isFunction(read) || !isFunction(write)) {
    return () => {}
  }
  return replace(settings, MANAGER, {
    get(this: unknown) {
      return Reflect.apply(read, this, [])
    },
    set(this: unknown, manager: unknown) {
      follow(manager)
      Reflect.apply(write, this, [manager])
    },
  })
}

/* One of `llamaindex` has it on its class, one of the core on itself. */
function accessorOf(holder: object, name: string): PropertyDescriptor | undefined {
  for (let owner: object | null = holder; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    const found = Object.getOwnPropertyDescriptor(owner, name)
    if (found !== undefined) {
      return found
    }
  }
  return undefined
}

function replace(holder: object, name: string, property: PropertyDescriptor): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name)
  const isEnumerable = own?.enumerable ?? false
  const ours = { ...property, configurable: true, enumerable: isEnumerable }
  if (own?.configurable === false || !Reflect.defineProperty(holder, name, ours)) {
    return () => {}
  }
  return () => {
    const now = Object.getOwnPropertyDescriptor(holder, name)
    if (now?.value !== ours.value || now?.set !== ours.set) {
      return
    }
    if (own === undefined) {
      Reflect.deleteProperty(holder, name)
    } else {
      Object.defineProperty(holder, name, own)
    }
  }
}
