import { type Fields, isObject } from './read.ts'
import { cutMiddle } from './text-bytes.ts'

const LONGEST_MESSAGE = 200

/** The property, or `undefined` where reading it throws. */
export function probe(value: Fields, key: PropertyKey): unknown {
  try {
    return value[key]
  } catch {
    return undefined
  }
}

/** The property, or a text that says what its getter threw. */
export function read(value: Fields, key: PropertyKey): unknown {
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
  const message = isObject(error) ? probe(error, 'message') : error
  return typeof message === 'string' && message !== ''
    ? `[Threw: ${cutMiddle(message, LONGEST_MESSAGE)}]`
    : '[Threw]'
}
