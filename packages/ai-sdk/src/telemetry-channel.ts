import {
  asyncContext,
  addAmbientLookup,
  followTracingChannel,
  guard,
  isObject,
  monotonicClock,
  shared,
} from '@trulayer/core/internal'

import { CLAIM } from './claim.ts'
import type { ExecutedTool, TruLayerIntegration } from './integration.ts'
import type { ModelCall } from './model-call.ts'
import { fieldOf, textOrUndefined } from './types.ts'

/* A call of a function of the SDK, as the async context has it. */
interface ChannelCall {
  readonly callId: string
  /** The call in whose callbacks this one was made. */
  readonly parent: ChannelCall | undefined
  readonly startedAt: number
  /** What it was started with, until it is known who records it: contexts outlive a call and must not hold its prompt. */
  event: unknown
  /** The key of the run that is open here, once it is known. */
  key: string | undefined
  /** True where no integration of ours is notified of the call. */
  isOwn: boolean
  isOver: boolean
}

/* What a message begins. */
interface Entered {
  readonly call: ChannelCall | undefined
  readonly modelCall?: ModelCall | undefined
  readonly tool?: ExecutedTool | undefined
  readonly claim?: { isOpen: boolean } | undefined
}

const CHANNEL = 'ai:telemetry'
const CONTEXT = 'ai-sdk:channel'
const REMEMBERED_CALLS = 10_000

/* Messages that begin a call; the others are parts of one. */
const CALLS = new Set<unknown>(['generateText', 'streamText', 'embed', 'embedMany', 'rerank'])

const channelCalls = asyncContext<ChannelCall>(CONTEXT)
/* The channels of all copies of the package, which share one subscription, since they share their contexts. */
const followed = shared<{ readonly channels: Set<Follower>; stop: (() => void) | undefined }>(
  'ai-sdk:channels',
  () => ({ channels: new Set(), stop: undefined }),
)

/* What other copies of the package call. */
interface Follower {
  readonly isOn: boolean
  enter(message: unknown): Entered | undefined
  end(message: unknown): void
}

/** True for a function whose calls the channel reports; without a name for an agent's. */
export function isOnChannel(name: string | undefined): boolean {
  return name === undefined || CALLS.has(name)
}

/** True where calls are recorded that bring integrations of their own and none of ours. */
export function isChannelFollowed(): boolean {
  return [...followed.channels].some(({ isOn }) => isOn)
}

/**
 * Follows the diagnostics channel of version 7 for a registered integration. It reports two things that integrations
 * do not receive: the call that a callback of the program belongs to, so that calls inside `prepareStep` or `needsApproval`
 * nest, and the calls whose own `integrations` replace the registered ones.
 *
 * @returns a function to call when the integration is off
 */
export function followTelemetryChannel(target: TruLayerIntegration): () => void {
  followed.stop ??= subscribe()
  if (followed.stop === undefined) {
    return () => {}
  }
  addAmbientLookup('ai-sdk', ambientKey)
  const channel = new TelemetryChannel(target)
  followed.channels.add(channel)
  return () =>
    channel.whenIdle(() => {
      followed.channels.delete(channel)
      if (followed.channels.size === 0) {
        followed.stop?.()
        followed.stop = undefined
      }
    })
}

function enteredBy(message: unknown): Entered | undefined {
  for (const channel of followed.channels) {
    const entered = channel.enter(message)
    if (entered?.call !== undefined) {
      return entered
    }
  }
  return undefined
}

function subscribe(): (() => void) | undefined {
  return followTracingChannel(CHANNEL, {
    contexts: {
      [CONTEXT]: (message) => enteredBy(message)?.call ?? channelCalls.current(),
      [CLAIM.name]: (message) => enteredBy(message)?.claim ?? CLAIM.context.current(),
    },
    ended: (message) => {
      for (const channel of followed.channels) {
        channel.end(message)
      }
    },
  })
}

function ambientKey(): string | undefined {
  return openCall(channelCalls.current())?.key
}

/* The nearest call that is open. Those that are over are skipped, since a program may start one turn inside another for ever. */
function openCall(from: ChannelCall | undefined): ChannelCall | undefined {
  let call = from
  while (call !== undefined && (call.isOver || (call.key ?? '') === '')) {
    call = call.parent
  }
  return call
}

class TelemetryChannel implements Follower {
  readonly #target: TruLayerIntegration
  readonly #entered = new WeakMap<object, Entered>()
  readonly #open = new Map<string, ChannelCall>()
  #onIdle: (() => void) | undefined

  constructor(target: TruLayerIntegration) {
    this.#target = target
  }

  get isOn(): boolean {
    return this.#target.isOn
  }

  /** The operation of a message begins. Each context asks for the same message. */
  enter(message: unknown): Entered | undefined {
    if (!isObject(message)) {
      return undefined
    }
    const known = this.#entered.get(message)
    if (known !== undefined) {
      return known
    }
    const entered = guard('a message of the AI SDK', () => this.#enter(message)) ?? {
      call: undefined,
    }
    this.#entered.set(message, entered)
    return entered
  }

  #enter(message: object): Entered | undefined {
    const type = fieldOf(message, 'type')
    const event = fieldOf(message, 'event')
    const callId = textOrUndefined(fieldOf(event, 'callId'))
    if (callId === undefined) {
      return undefined
    }
    if (CALLS.has(type)) {
      return this.#target.isOn ? { call: this.#add(callId, event) } : undefined
    }
    const call = this.#open.get(callId)
    if (call === undefined) {
      return undefined
    }
    this.#begin(call)
    if (!call.isOwn) {
      return { call }
    }
    switch (type) {
      case 'languageModelCall':
        return {
          call,
          modelCall: this.#target.startChannelModelCall(event),
          claim: { isOpen: true },
        }
      case 'executeTool': {
        const tool = this.#target.startChannelTool(event)
        const key = tool?.run.key
        return key === undefined ? { call } : { call: { ...call, parent: call, key }, tool }
      }
      default:
        return { call }
    }
  }

  #add(callId: string, event: unknown): ChannelCall {
    const call: ChannelCall = {
      callId,
      parent: openCall(channelCalls.current()),
      startedAt: monotonicClock(),
      event,
      key: undefined,
      isOwn: false,
      isOver: false,
    }
    this.#open.set(callId, call)
    if (this.#open.size > REMEMBERED_CALLS) {
      // Some calls are never reported to be over.
      this.#open.delete(this.#open.keys().next().value ?? callId)
    }
    return call
  }

  /* By the first part of a call every integration has been notified of it: what none of ours has taken is recorded here. */
  #begin(call: ChannelCall): void {
    if (call.key === undefined && !call.isOwn) {
      const { callId, event, startedAt } = call
      const taken = this.#target.takenKey(callId)
      call.isOwn = taken === undefined && this.#target.startFromChannel(event, startedAt)
      call.key = this.#target.takenKey(callId)
      call.event = undefined
    }
  }

  /** The operation of a message has ended. */
  end(message: unknown): void {
    guard('a message of the AI SDK', () => {
      const entered = isObject(message) ? this.#entered.get(message) : undefined
      const event = fieldOf(message, 'event')
      const callId = textOrUndefined(fieldOf(event, 'callId'))
      const type = fieldOf(message, 'type')
      const call = entered?.call
      if (callId === undefined || entered === undefined || call === undefined) {
        return
      }
      const outcome = { result: fieldOf(message, 'result'), error: fieldOf(message, 'error') }
      if (CALLS.has(type)) {
        this.#endCall(call, type, outcome)
      } else if (call.isOwn) {
        this.#endPart(entered, { type, event, ...outcome })
      }
    })
  }

  #endPart(
    { call, modelCall, tool, claim }: Entered,
    {
      type,
      event,
      result,
      error,
    }: {
      readonly type: unknown
      readonly event: unknown
      readonly result: unknown
      readonly error: unknown
    },
  ): void {
    switch (type) {
      case 'languageModelCall':
        if (claim !== undefined) {
          claim.isOpen = false
        }
        this.#target.endChannelModelCall(modelCall, result, error)
        break
      case 'executeTool':
        tool?.done()
        if (tool !== undefined && call !== undefined) {
          call.isOver = true
        }
        this.#target.onToolExecutionEnd({
          ...(isObject(event) && event),
          toolOutput:
            error === undefined ? fieldOf(result, 'output') : { type: 'tool-error', error },
        })
        break
      case 'step':
        if (isObject(result)) {
          this.#target.onStepEnd(result)
        }
        break
      default:
    }
  }

  #endCall(
    call: ChannelCall,
    type: unknown,
    { result, error }: { readonly result: unknown; readonly error: unknown },
  ): void {
    const { callId } = call
    if (type === 'embed' || type === 'embedMany' || type === 'rerank') {
      // The only message of such a call: all integrations have been notified long since.
      const { event } = call
      this.#begin(call)
      if (call.isOwn) {
        this.#target.recordChannelValues({ callId, event }, result, error)
      }
    } else if (type === 'streamText') {
      // Integrations are not notified where a transform stops the stream before a step has ended.
      this.#target.endStream(callId, error)
    } else if (call.isOwn) {
      if (error === undefined) {
        this.#target.onEnd({ callId, text: fieldOf(result, 'text') })
      } else {
        this.#target.onError({ callId, error })
      }
    }
    call.isOver = true
    call.event = undefined
    this.#open.delete(callId)
    if (this.#onIdle !== undefined && this.#isIdle()) {
      this.#onIdle()
      this.#onIdle = undefined
    }
  }

  /** Calls `stop` once no call is under way that is recorded. */
  whenIdle(stop: () => void): void {
    if (this.#isIdle()) {
      stop()
    } else {
      this.#onIdle = stop
    }
  }

  #isIdle(): boolean {
    return [...this.#open.keys()].every((callId) => !this.#target.isRecording(callId))
  }
}
