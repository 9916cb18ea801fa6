import { typeName } from './check-options.ts'
import { read } from './read.ts'
import { TruLayerError } from './trulayer-error.ts'

/**
 * What to throw where a function was expected.
 *
 * @param signature - how the method is called: `trace(name, work, options)`
 * @param parameter - the parameter that must be a function
 * @param value - what was passed in its place
 */
export function functionError(signature: string, parameter: string, value: unknown): TruLayerError {
  const isPromise = typeof read(value, 'then') === 'function'
  const found = isPromise
    ? 'a promise, whose work has begun already: pass `() => …`'
    : typeName(value)
  return new TruLayerError(
    'invalid-argument',
    `\`${signature}\` needs a function as \`${parameter}\`, not ${found}.`,
  )
}
