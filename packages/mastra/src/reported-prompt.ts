import {
  isList,
  isObject,
  type Message,
  type MessagePart,
  read,
  readList,
  readText,
  type Snapshot,
} from '@trulayer/core/internal'

import { mapToolOutput, toolMessage } from './map-messages.ts'

/**
 * A message of a conversation as it was copied, one copy per message. The results of one step's tools are one entry: Mastra
 * passes them as one message or as several, depending on the provider.
 */
export interface KnownMessage {
  readonly role: string
  copies: readonly Snapshot[]
  /** What a report of it is compared with, once it has been. */
  short?: ShortForm | undefined
}

interface ShortForm {
  readonly isText: boolean
  readonly texts: readonly string[]
  /** The names of its calls. */
  readonly names: string
}

/** A message as a model step reports it: content other than text is shortened to a placeholder. */
export interface ReportedMessage {
  readonly role: string
  /** One text; one for each message where the results of several tools follow one another. */
  readonly texts: readonly string[]
  /** The names of its calls. */
  readonly names: readonly string[]
  /** The calls or the result of a message whose request is reported in clear. */
  readonly parts?: readonly MessagePart[] | undefined
}

/* What versions and providers put in place of a tool's result. */
const RESULT_PLACEHOLDERS = /^(?:\[tool(?:-result)?(?:: [^\]]*)?\])+$/
const CALL_PLACEHOLDER = /(\[tool: [^\]]*\])/
/* Before 1.30 longer texts than 1,024 characters lose their end, and deep values are left out. */
const CUT = /…\[truncated\]$|^\[MaxDepth\]$/
/* The result of a tool from a provider that has no role for it: it does not say which tool. */
const NAMELESS_RESULT = /^\[(?:tool_result|object)\]|^$/
const ROLES: ReadonlyMap<string, string> = new Map([
  ['developer', 'system'],
  ['model', 'assistant'],
])

/**
 * The messages that a model step reports: since 1.45 those that the model was given, before the request that the provider
 * sent, whole up to 1.0 and shortened in 1.30. `undefined` for anything else, such as the request of the Responses API, whose
 * entries do not say what they are.
 */
export function reportedPrompt(input: unknown): ReportedMessage[] | undefined {
  const request = requestMessages(input)
  const reported: ReportedMessage[] = []
  for (const message of request ?? (isList(input) ? input : [])) {
    const role = readText(message, 'role')
    const text = textOf(message)
    if (role === undefined || (role === 'user' && NAMELESS_RESULT.test(text))) {
      return undefined
    }
    const last = reported.at(-1)
    if (request === undefined && role === 'tool' && last?.role === role) {
      reported[reported.length - 1] = { ...last, texts: [...last.texts, text] }
    } else {
      const parts = request === undefined ? undefined : requestParts(message, text)
      reported.push({
        role: ROLES.get(role) ?? role,
        texts: [text],
        names: callNames(role, text),
        parts,
      })
    }
  }
  return reported.length === 0 ? undefined : reported
}

function requestMessages(request: unknown): readonly unknown[] | undefined {
  const body = read(request, 'body')
  const sent = typeof body === 'string' ? parse(body) : body
  const messages = read(sent, 'messages')
  const system = read(sent, 'system')
  if (!isList(messages)) {
    return undefined
  }
  // As Anthropic takes it.
  return system === undefined ? messages : [{ role: 'system', content: system }, ...messages]
}

/* Only calls and results are shortened elsewhere. */
function requestParts(message: unknown, text: string): MessagePart[] | undefined {
  const id = readText(message, 'tool_call_id')
  if (id !== undefined) {
    return [{ type: 'tool_call_response', id, response: mapToolOutput(parse(text)) }]
  }
  const calls = readList(message, 'tool_calls').map((call): MessagePart => ({
    type: 'tool_call',
    id: readText(call, 'id'),
    name: readText(call, 'function', 'name') ?? 'tool',
    arguments: parse(readText(call, 'function', 'arguments') ?? ''),
  }))
  const content = readText(message, 'content')
  return calls.length === 0
    ? undefined
    : [...(content === undefined ? [] : [{ type: 'text', content } as const]), ...calls]
}

/* The form that later versions report. */
function textOf(message: unknown): string {
  const content = read(message, 'content')
  const text =
    typeof content === 'string' ? content : isList(content) ? content.map(partText).join('') : ''
  const calls = readList(message, 'tool_calls').map(
    (call) => `[tool: ${readText(call, 'function', 'name') ?? ''}]`,
  )
  return text + calls.join('')
}

function partText(part: unknown): string {
  const text = read(part, 'text')
  return typeof text === 'string' ? text : `[${readText(part, 'type') ?? 'object'}]`
}

/**
 * The prompt that a model was given: what is reported, with the whole content of each message that is known. Several known
 * messages may read the same once they are shortened. The latest are taken then, because what trims a conversation drops
 * its oldest messages.
 *
 * @param keep - copies a message that is not known
 */
export function promptOf(
  reported: readonly ReportedMessage[],
  known: readonly KnownMessage[],
  keep: (message: Message) => Snapshot,
): KnownMessage[] {
  const rest = [...known]
  const used = new Set<unknown>()
  let calls: readonly KnownCall[] | undefined
  const prompt: KnownMessage[] = []
  for (let index = reported.length - 1; index >= 0; index -= 1) {
    const message = reported[index]
    const before = reported[index - 1]
    if (message?.parts !== undefined) {
      const parts = message.parts.map((part) => wholePart(part, known))
      prompt.push({ role: message.role, copies: [keep({ role: message.role, parts })] })
    } else if (message !== undefined) {
      const position = rest.findLastIndex((candidate, place) =>
        isSame(candidate, rest[place - 1], message, before),
      )
      const [same] = position === -1 ? [] : rest.splice(position, 1)
      if (same !== undefined) {
        showResults(same, message, keep)
        used.add(same)
        prompt.push(same)
        continue
      }
      calls ??= known.flatMap((candidate, place) => callsIn(candidate, known[place + 1]))
      if (message.role === 'tool') {
        const parts = resultParts(message, callsOf(before, calls, used))
        prompt.push({
          role: 'tool',
          copies: parts.map((part) => keep({ role: 'tool', parts: [part] })),
        })
      } else {
        const asked = callsOf(message, calls, used)
        const parts = messageParts(message, asked)
        asked.forEach((call) => used.add(call))
        prompt.push({ role: message.role, copies: [keep({ role: message.role, parts })] })
      }
    }
  }
  return prompt.toReversed()
}

/** A call of a tool in a message that is known. */
interface KnownCall {
  readonly message: KnownMessage
  readonly part: MessagePart
  readonly result: MessagePart | undefined
}

/*
 * The calls of an assistant message that is no known one: some of several were dropped, or messages were joined. By their
 * names, the latest first.
 */
function callsOf(
  reported: ReportedMessage | undefined,
  calls: readonly KnownCall[],
  used: ReadonlySet<unknown>,
): (KnownCall | undefined)[] {
  const taken = new Set<KnownCall>()
  return (reported?.names ?? [])
    .toReversed()
    .map((name) => {
      const found = calls.findLast(
        (call) =>
          read(call.part, 'name') === name &&
          !used.has(call) &&
          !used.has(call.message) &&
          !taken.has(call),
      )
      if (found !== undefined) {
        taken.add(found)
      }
      return found
    })
    .toReversed()
}

function callNames(role: string, text: string): string[] {
  return role === 'assistant'
    ? text.split(CALL_PLACEHOLDER).flatMap((piece) => callName(piece) ?? [])
    : []
}

function callName(piece: string): string | undefined {
  return CALL_PLACEHOLDER.test(piece) ? piece.slice('[tool: '.length, -1) : undefined
}

/* Of calls of one id Mastra shows models the first, with the last result. */
function callsIn(message: KnownMessage, next: KnownMessage | undefined): KnownCall[] {
  const results = next?.role === 'tool' ? next.copies.flatMap(partsOf).filter(isPart) : []
  const calls = new Map<unknown, KnownCall>()
  for (const part of message.copies.flatMap(partsOf).filter(isPart)) {
    const id = read(part, 'id')
    if (part.type === 'tool_call' && !calls.has(id)) {
      const result = results.findLast((candidate) => read(candidate, 'id') === id)
      calls.set(id, { message, part, result })
    }
  }
  return [...calls.values()]
}

/* In place of a part that lost something in the report, the latest one of its call that is known. */
function wholePart(part: MessagePart, known: readonly KnownMessage[]): MessagePart {
  const isCut = [read(part, 'name'), read(part, 'arguments'), read(part, 'response')].some(
    (value) => typeof value === 'string' && CUT.test(value),
  )
  const parts = isCut ? known.flatMap(({ copies }) => copies.flatMap(partsOf)) : []
  return (
    parts
      .filter(isPart)
      .findLast((other) => other.type === part.type && read(other, 'id') === read(part, 'id')) ??
    part
  )
}

function isSame(
  known: KnownMessage,
  knownBefore: KnownMessage | undefined,
  reported: ReportedMessage,
  reportedBefore: ReportedMessage | undefined,
): boolean {
  if (known.role !== reported.role) {
    return false
  }
  // A result does not say of which call it is, but the message before it does.
  return known.role !== 'tool'
    ? fits(known, reported)
    : knownBefore === undefined || reportedBefore === undefined || fits(knownBefore, reportedBefore)
}

function fits(known: KnownMessage, { texts: [text = ''], names }: ReportedMessage): boolean {
  known.short ??= shortForm(known)
  const { short } = known
  return short.isText
    ? short.texts[0] === text
    : short.texts.every((part) => text.includes(part)) && short.names === names.join()
}

function shortForm({ copies }: KnownMessage): ShortForm {
  const texts: string[] = []
  const names: string[] = []
  const parts = copies.flatMap(partsOf)
  for (const part of parts) {
    const type = readText(part, 'type')
    if (type === 'text') {
      texts.push(readText(part, 'content') ?? '')
    } else if (type === 'tool_call') {
      names.push(readText(part, 'name') ?? '')
    }
  }
  const isText = texts.length === parts.length
  return { isText, texts: isText ? [texts.join('')] : texts, names: names.join() }
}

/* Where a provider's request is reported, results are in clear, as the model saw them. */
function showResults(
  known: KnownMessage,
  { role, texts }: ReportedMessage,
  keep: (message: Message) => Snapshot,
): void {
  if (role !== 'tool' || texts.length !== known.copies.length) {
    return
  }
  known.copies = known.copies.map((copy, index) => {
    const text = texts[index] ?? ''
    const [part, ...others] = partsOf(copy)
    const isKnown =
      others.length > 0 ||
      RESULT_PLACEHOLDERS.test(text) ||
      CUT.test(text) ||
      text === resultText(read(part, 'response'))
    return isKnown ? copy : keep(toolMessage(readText(part, 'id'), mapToolOutput(parse(text))))
  })
}

function resultText(response: unknown): string | undefined {
  return typeof response === 'string' ? response : JSON.stringify(response)
}

function resultParts(
  { texts }: ReportedMessage,
  calls: readonly (KnownCall | undefined)[],
): MessagePart[] {
  const isShortened = texts.every((text) => RESULT_PLACEHOLDERS.test(text))
  return isShortened && calls.every((call) => call?.result !== undefined) && calls.length > 0
    ? calls.flatMap((call) => call?.result ?? [])
    : texts.map((text, index) => ({
        type: 'tool_call_response',
        id: readText(calls[texts.length === calls.length ? index : -1]?.part, 'id'),
        response: mapToolOutput(parse(text)),
      }))
}

function messageParts(
  { role, texts }: ReportedMessage,
  calls: readonly (KnownCall | undefined)[],
): MessagePart[] {
  const [text = ''] = texts
  if (role !== 'assistant') {
    return [{ type: 'text', content: text }]
  }
  let position = 0
  return text.split(CALL_PLACEHOLDER).flatMap((piece): MessagePart[] => {
    const name = callName(piece)
    if (name === undefined) {
      return piece.trim() === '' ? [] : [{ type: 'text', content: piece }]
    }
    const call = calls[position]
    position += 1
    return [call?.part ?? { type: 'tool_call', name }]
  })
}

/** The ids of the calls in a message, as one text. */
export function callIds(copies: readonly Snapshot[]): string {
  return copies
    .flatMap(partsOf)
    .flatMap((part) => (readText(part, 'type') === 'tool_call' ? [readText(part, 'id') ?? ''] : []))
    .join()
}

function partsOf({ value }: Snapshot): readonly unknown[] {
  return isList(value) ? readList(value[0], 'parts') : []
}

function isPart(value: unknown): value is MessagePart {
  return readText(value, 'type') !== undefined
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) || isList(value) ? value : text
  } catch {
    // No JSON: a text as it is.
    return text
  }
}
