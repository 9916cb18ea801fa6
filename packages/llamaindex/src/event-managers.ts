import { guard, read, shared } from '@trulayer/core/internal'

import { isEventCaller, isFunction } from './guards.ts'
import type { EventCaller, EventManager, ToldEvent } from './types.ts'

/** Hears the events of managers. */
export interface EventListener {
  /** False for one that was switched off. */
  readonly isOn: boolean
  hear(event: ToldEvent): void
}

/** What was done to a manager. */
interface Attachment {
  readonly listeners: EventListener[]
  /** Who is calling at this moment. */
  whoCalls(): EventCaller | undefined
  detach(): void
}

/* No event of LlamaIndex's: nobody but us listens to it. */
const QUESTION = 'trulayer-who-calls'
const METHOD = 'dispatchEvent'

const attachments = shared('llamaindex:managers', () => new WeakMap<object, Attachment>())

/**
 * Makes a listener hear what a manager is told. Of several the first that is on hears, so that two installations record
 * once.
 *
 * The manager's own handlers are called in a later microtask. By then what the call went on to do has begun: an embedding
 * before the retrieval that needs it, a tool's work before the tool. So events are heard as they are told, from a method on
 * the manager itself; the handlers of the host run when they ran before.
 */
export function attach(manager: EventManager, listener: EventListener): void {
  const { listeners } = attachments.get(manager) ?? install(manager)
  if (!listeners.includes(listener)) {
    listeners.push(listener)
  }
}

/** Undoes `attach`. */
export function detach(manager: EventManager, listener: EventListener): void {
  const attachment = attachments.get(manager)
  const index = attachment?.listeners.indexOf(listener) ?? -1
  if (attachment !== undefined && index !== -1) {
    attachment.listeners.splice(index, 1)
    if (attachment.listeners.length === 0) {
      attachment.detach()
    }
  }
}

/** Who is calling at this moment, as the copy of LlamaIndex knows it that the manager belongs to. */
export function whoCalls(manager: EventManager): EventCaller | undefined {
  return attachments.get(manager)?.whoCalls()
}

function install(manager: EventManager): Attachment {
  const listeners: EventListener[] = []
  const own = Object.getOwnPropertyDescriptor(manager, METHOD)
  const original: EventManager['dispatchEvent'] = Reflect.get(manager, METHOD)
  let answer: unknown
  const hearAnswer = (event: unknown): void => {
    answer = read(event, 'reason')
  }
  const attachment: Attachment = {
    listeners,
    whoCalls: () => {
      answer = undefined
      Reflect.apply(original, manager, [QUESTION, {}, true])
      return isEventCaller(answer) ? answer : undefined
    },
    detach: () => {
      manager.off(QUESTION, hearAnswer)
      attachments.delete(manager)
      // What somebody else has put around ours must stay; ours does nothing then, for nobody listens.
      if (manager.dispatchEvent === heard) {
        restore(manager, own)
      }
    },
  }
  function heard(this: unknown, ...parameters: Parameters<EventManager['dispatchEvent']>): void {
    const listener = listeners.find(({ isOn }) => isOn)
    if (listener !== undefined) {
      const [type, detail] = parameters
      guard('an event of LlamaIndex', () =>
        listener.hear({
          type,
          detail,
          get caller() {
            return attachment.whoCalls()
          },
        }),
      )
    }
    return Reflect.apply(original, this, parameters)
  }
  manager.on(QUESTION, hearAnswer)
  Object.defineProperty(manager, METHOD, { value: heard, configurable: true, writable: true })
  attachments.set(manager, attachment)
  return attachment
}

function restore(manager: EventManager, own: PropertyDescriptor | undefined): void {
  if (own === undefined || !isFunction(own.value)) {
    Reflect.deleteProperty(manager, METHOD)
  } else {
    Object.defineProperty(manager, METHOD, own)
  }
}
