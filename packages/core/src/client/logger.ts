/** Where the library's own few lines go. `console` is one. */
export interface Logger {
  debug?(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** A logger that can say a thing once. */
export interface OnceLogger {
  /** Writes a detail, only where debugging is on. */
  debug(message: string): void
  /** Writes `message`; where `key` is given, only the first time for that key. */
  warn(message: string, key?: string): void
  /** Writes `message`; where `key` is given, only the first time for that key. */
  error(message: string, key?: string): void
}

const PREFIX = '[trulayer]'
/* Keys may hold words of the host, such as names of options: a program that makes new ones for ever fills no memory and no log. */
const MOST_KEYS = 1000

/* The one place that knows the console. Looked up at each call, since hosts replace it. */
const consoleLogger: Logger = {
  // oxlint-disable-next-line no-console -- the only default output there is
  debug: (message) => console.debug(message),
  // oxlint-disable-next-line no-console -- as above
  warn: (message) => console.warn(message),
  // oxlint-disable-next-line no-console -- as above
  error: (message) => console.error(message),
}

/** Wraps a logger so that each distinct problem is told once and a logger that throws harms nobody. */
export function createLogger(options: {
  readonly logger?: Logger | undefined
  readonly debug: boolean
}): OnceLogger {
  const target = options.logger ?? consoleLogger
  const told = new Set<string>()
  const write = (level: 'debug' | 'warn' | 'error', message: string, key?: string): void => {
    if (key !== undefined) {
      if (told.has(key) || told.size >= MOST_KEYS) {
        return
      }
      told.add(key)
    }
    try {
      target[level]?.(`${PREFIX} ${message}`)
    } catch {
      // A logger that fails has nobody left to be told.
    }
  }
  return {
    debug: (message) => {
      if (options.debug) {
        write('debug', message)
      }
    },
    warn: (message, key) => write('warn', message, key),
    error: (message, key) => write('error', message, key),
  }
}
