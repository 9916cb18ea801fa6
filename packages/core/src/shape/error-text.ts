import { cutAtWord } from './text-bytes.ts'

/** How an error is told. */
export interface ErrorTextOptions {
  /**
   * False leaves the message out, for clients that record no payloads: type and code alone.
   *
   * @defaultValue true
   */
  readonly detail?: boolean | undefined
  /** In place of the error's own message. */
  readonly message?: string | undefined
  /** @defaultValue 2000 characters */
  readonly maxLength?: number | undefined
}

const MAX_LENGTH = 2000

/**
 * An error as the wire holds it: `Type: message`, since the service groups failures by type. The type is the error's
 * `name`, not repeated where the message begins with it, `Error` for what is no error; one level of cause follows, and its
 * message only if it differs.
 */
export function errorText(error: unknown, options: ErrorTextOptions = {}): string {
  const { detail = true, message, maxLength = MAX_LENGTH } = options
  try {
    const text = detail
      ? `${describe(error, message)}${describeCause(error)}`
      : withoutMessage(error)
    return cutAtWord(text, maxLength)
  } catch {
    // The error's own getters threw.
    return 'Error: unreadable'
  }
}

function describe(error: unknown, message = messageOf(error)): string {
  const name = nameOf(error)
  return message === name || message.startsWith(`${name}:`) ? message : `${name}: ${message}`
}

/* A wrapper often has the message of what it wraps: then only another type is worth adding. */
function describeCause(error: unknown): string {
  const cause = read(error, 'cause')
  if (cause === undefined || cause === null) {
    return ''
  }
  if (messageOf(cause) !== messageOf(error)) {
    return `; caused by ${describe(cause)}`
  }
  const name = nameOf(cause)
  return name === 'Error' || name === nameOf(error) ? '' : `; caused by ${name}`
}

function withoutMessage(error: unknown): string {
  const code = ['code', 'statusCode', 'status']
    .map((key) => read(error, key))
    .find((value) => typeof value === 'number' || (typeof value === 'string' && value !== ''))
  return typeof code === 'number' || typeof code === 'string'
    ? `${nameOf(error)}: ${code}`
    : nameOf(error)
}

function nameOf(error: unknown): string {
  const name = read(error, 'name')
  return typeof name === 'string' && name !== '' && read(error, 'message') !== undefined
    ? name
    : 'Error'
}

function messageOf(error: unknown): string {
  const message = read(error, 'message')
  if (typeof message === 'string') {
    return message
  }
  if (typeof error === 'object' && error !== null) {
    try {
      return JSON.stringify(error) ?? 'unknown'
    } catch {
      // Cycles and the like; the tag tells at least what it is.
      return Object.prototype.toString.call(error)
    }
  }
  return String(error)
}

function read(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
