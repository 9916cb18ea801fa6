import { cutMiddle } from './text-bytes.ts'

/** Any object, read by name. What stands there may be anything, and reading it may throw. */
export type Readable = Readonly<Record<PropertyKey, unknown>>

const LONGEST_MESSAGE = 200

/** Whether the value is an object and no function. */
export function isReadable(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null
}

/** The property, or `undefined` where reading it throws. */
export function probe(value: Readable, key: PropertyKey): unknown {
  try {
    return value[key]
  } catch {
    return undefined
  }
}

/** The property, or a text that says what its getter threw. */
export function read(value: Readable, key: PropertyKey): unknown {
  try {
    return value[key]
  } catch (error) {
    return threwText(error)
  }
}

/** The item, or a text that says what reading it threw. */
export function readItem(items: readonly unknown[], index: number): unknown {
  try {
    return items[index]
  } catch (error) {
    return threwText(error)
  }
}

function threwText(error: unknown): string {
  const message = isReadable(error) ? probe(error, 'message') : error
  return typeof message === 'string' && message !== ''
    ? `[Threw: ${cutMiddle(message, LONGEST_MESSAGE)}]`
    : '[Threw]'
}
