import { isJsonList, isJsonObject, type JsonValue } from '../shape/json.ts'

/**
 * A list of messages without its oldest ones, as many as are too much. What says how the model is to behave stays, the
 * latest message stays, and a call of a tool goes or stays together with what the tool answered, for one without the other
 * tells nothing.
 *
 * @param sizeOf - bytes of one message
 */
export function dropOldest(
  messages: readonly JsonValue[],
  maxBytes: number,
  sizeOf: (message: JsonValue) => number,
): readonly JsonValue[] {
  const exchanges = exchangesOf(messages)
  const sizes = new Map<number, number>()
  let bytes = 0
  messages.forEach((message, index) => {
    const size = sizeOf(message)
    const exchange = exchanges[index] ?? index
    sizes.set(exchange, (sizes.get(exchange) ?? 0) + size)
    bytes += size
  })
  const last = exchanges.at(-1)
  const dropped = new Set<number>()
  for (const [exchange, size] of sizes) {
    if (bytes > maxBytes && exchange !== last && !isInstruction(messages[exchange])) {
      dropped.add(exchange)
      bytes -= size
    }
  }
  return messages.filter((_, index) => !dropped.has(exchanges[index] ?? index))
}

/** Whether a message is one of those that say how the model is to behave. */
export function isInstruction(message: JsonValue | undefined): boolean {
  const role = roleOf(message)
  return role === 'system' || role === 'developer'
}

/*
 * For each message the first one of those that it belongs to: the one with the call, by its id. An answer whose call is
 * not known belongs to what stands before it.
 */
function exchangesOf(messages: readonly JsonValue[]): number[] {
  const callers = new Map<unknown, number>()
  const exchanges: number[] = []
  messages.forEach((message, index) => {
    const answered = idsOf(message, 'tool_call_response')
    const caller = answered.map((id) => callers.get(id)).find((found) => found !== undefined)
    const isAnswer = roleOf(message) === 'tool' || answered.length > 0
    const before = isInstruction(messages[index - 1]) ? undefined : exchanges[index - 1]
    const exchange = caller ?? (isAnswer ? before : undefined) ?? index
    exchanges.push(exchange)
    for (const id of idsOf(message, 'tool_call')) {
      callers.set(id, exchange)
    }
  })
  return exchanges
}

function idsOf(message: JsonValue, type: string): unknown[] {
  const parts = isJsonObject(message) ? message['parts'] : undefined
  return isJsonList(parts)
    ? parts.flatMap((part) => (isJsonObject(part) && part['type'] === type ? [part['id']] : []))
    : []
}

function roleOf(message: JsonValue | undefined): unknown {
  return isJsonObject(message) ? message['role'] : undefined
}
