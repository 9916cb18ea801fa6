import { isList, isObject, isText, type Fields } from '@trulayer/core/internal'
import { contentText, isMessage, isRoleName, mapMessages, roleOf } from './map-messages.ts'
import type { CommandLike } from './types.ts'

/** Where in the turn a chain stands, which decides how much of its payload is worth showing. */
export interface ChainPlace {
  /** True for the outermost run: what the host gave and got. */
  readonly isRoot: boolean
  /** True for a graph, whose output is its whole state. */
  readonly isGraph: boolean
}

const MAX_SCALAR = 2000
const TUPLE = 2

/**
 * What a chain was given: the user's latest text where there are messages, a single value as it is, else all of it for
 * the outermost run and its small values for one within, since the state of a graph repeats the history at every step.
 */
export function mapChainInput(inputs: unknown, place: ChainPlace): unknown {
  const value = unwrapped(inputs, 'input')
  if (isCommand(value)) {
    return value.resume
  }
  const messages = messagesOf(value)
  if (messages !== undefined) {
    return latestText(messages, 'user')
  }
  if (!isObject(value)) {
    return value
  }
  return place.isRoot ? withMappedMessages(value) : smallValues(value)
}

/**
 * What a chain returned: the final text where there are messages, an agent's structured response, a single value as it is;
 * else all of it for the outermost chain, and the small values of a graph's state.
 */
export function mapChainOutput(outputs: unknown, place: ChainPlace): unknown {
  const value = unwrapped(outputs, 'output')
  if (!isObject(value)) {
    return value
  }
  const structured = value['structuredResponse']
  if (structured !== undefined) {
    return structured
  }
  const messages = messagesOf(isCommand(value) ? value['update'] : value)
  if (messages !== undefined) {
    return finalText(messages)
  }
  return place.isRoot && !place.isGraph ? withMappedMessages(value) : smallValues(value)
}

/* LangChain puts what is no object under this one key. */
function unwrapped(value: unknown, key: string): unknown {
  return isObject(value) && !isMessage(value) && key in value && Object.keys(value).length === 1
    ? value[key]
    : value
}

function isCommand(value: unknown): value is CommandLike {
  return isObject(value) && value['lg_name'] === 'Command'
}

/* A message, a list of them, or anything that holds a list under `messages`. */
function messagesOf(value: unknown): readonly unknown[] | undefined {
  if (isMessage(value)) {
    return [value]
  }
  if (isList(value)) {
    return isMessageList(value) ? value : undefined
  }
  const held = isObject(value) ? value['messages'] : undefined
  if (isMessage(held) || isText(held)) {
    return [held]
  }
  return isList(held) && held.length > 0 ? held : undefined
}

function isMessageList(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => isMessage(value) || isRolePair(value))
}

function isRolePair(value: unknown): boolean {
  return isList(value) && value.length === TUPLE && isRoleName(value[0])
}

function latestText(messages: readonly unknown[], role: string): string | undefined {
  const latest = messages.findLast((message) => roleOf(message) === role)
  return latest === undefined ? undefined : textOf(latest)
}

/* The last message alone: with tool calls still to be answered there is no final text yet. */
function finalText(messages: readonly unknown[]): string | undefined {
  const last = messages.at(-1)
  const role = roleOf(last)
  return role === 'assistant' || role === 'tool' ? textOf(last) : undefined
}

function textOf(message: unknown): string | undefined {
  if (isList(message)) {
    return contentText(message[1])
  }
  return contentText(isObject(message) ? message['content'] : message)
}

function withMappedMessages(value: Fields): unknown {
  if (isList(value)) {
    return value
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      isList(entry) && isMessageList(entry) ? mapMessages(entry) : entry,
    ]),
  )
}

function smallValues(value: Fields): unknown {
  if (isList(value)) {
    return value.every(isSmall) ? value : undefined
  }
  const small = Object.entries(value).filter(([, entry]) => isSmall(entry))
  return small.length === 0 ? undefined : Object.fromEntries(small)
}

function isSmall(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= MAX_SCALAR
    : typeof value === 'number' || typeof value === 'boolean'
}
