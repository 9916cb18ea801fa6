import { cutAtWord, type Fields, isList, isObject, isText, read } from '@trulayer/core/internal'
import {
  contentText,
  isMessage,
  isRoleName,
  mapMessages,
  mapToolContent,
  roleOf,
} from './map-messages.ts'
import type { CommandLike } from './types.ts'

const LONGEST_TEXT = 2000
const TUPLE = 2

/**
 * What a chain was given: the user's latest text where there are messages, a single value as it is, else all of it for
 * the outermost run and its plain values for one within, since the state of a graph repeats the history at every step.
 *
 * @param isOutermost - true for what the host gave
 */
export function mapChainInput(inputs: unknown, isOutermost: boolean): unknown {
  const value = unwrapped(inputs, 'input')
  if (isCommand(value)) {
    return value.resume
  }
  const messages = messagesOf(value)
  if (messages !== undefined) {
    return latestText(messages, 'user') ?? textOf(messages.at(-1))
  }
  return mapValues(value, isOutermost)
}

/**
 * What a chain returned: the final text where there are messages, an agent's structured response, a single value as it is;
 * else all of it for the outermost run, and the plain values of one within.
 *
 * @param isOutermost - true for what the host got
 */
export function mapChainOutput(outputs: unknown, isOutermost: boolean): unknown {
  const value = unwrapped(outputs, 'output')
  const structured = read(value, 'structuredResponse')
  if (structured !== undefined) {
    return structured
  }
  const messages = messagesOf(isCommand(value) ? value['update'] : value)
  if (messages === undefined) {
    return mapValues(value, isOutermost)
  }
  const last = messages.at(-1)
  return isOutermost && roleOf(last) === 'user' ? besideMessages(value) : finalAnswer(last)
}

/* A graph whose messages end with the user's has its answer elsewhere in its state. */
function besideMessages(value: unknown): unknown {
  if (!isObject(value) || isMessage(value) || isList(value)) {
    return undefined
  }
  const others = Object.entries(value).filter(([key]) => key !== 'messages')
  return others.length === 0 ? undefined : withMappedMessages(Object.fromEntries(others))
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
function finalAnswer(last: unknown): unknown {
  const role = roleOf(last)
  if (role === 'tool' && isObject(last)) {
    return mapToolContent(last['content'])
  }
  return role === 'assistant' ? textOf(last) : undefined
}

function textOf(message: unknown): string | undefined {
  if (isList(message)) {
    return contentText(message[1])
  }
  return contentText(isObject(message) ? message['content'] : message)
}

function mapValues(value: unknown, isOutermost: boolean): unknown {
  if (!isObject(value)) {
    return value
  }
  return isOutermost ? withMappedMessages(value) : plainValues(value)
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

function plainValues(value: Fields): unknown {
  if (isList(value)) {
    return value.every(isPlain) ? value.map(cut) : undefined
  }
  const plain = Object.entries(value).filter(([, entry]) => isPlain(entry))
  return plain.length === 0
    ? undefined
    : Object.fromEntries(plain.map(([key, entry]) => [key, cut(entry)]))
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function cut(value: unknown): unknown {
  return typeof value === 'string' ? cutAtWord(value, LONGEST_TEXT) : value
}
