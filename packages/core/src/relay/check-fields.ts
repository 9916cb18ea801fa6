import { isRecord } from '../shape/read.ts'

/** What was understood of something that a browser sent, or why nothing was. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string }

/** Whether a field may hold a value; `undefined` where it is missing. */
export type FieldCheck = (value: unknown) => boolean

/**
 * What is wrong with a thing that may have these fields and no others; `undefined` where nothing is. No value is told, since
 * this is an answer to a stranger and a line of somebody's log.
 */
export function findProblem(
  what: string,
  thing: unknown,
  checks: Readonly<Record<string, FieldCheck>>,
): string | undefined {
  if (!isRecord(thing)) {
    return `${what} must be an object`
  }
  const foreign = Object.keys(thing).find((field) => !Object.hasOwn(checks, field))
  if (foreign !== undefined) {
    return `${what} may not have the field '${foreign.slice(0, LONGEST_NAME)}'`
  }
  const wrong = Object.keys(checks).find((field) => checks[field]?.(thing[field]) === false)
  return wrong === undefined ? undefined : `the field '${wrong}' of ${what} is wrong`
}

const LONGEST_NAME = 64

/** Lets a field be missing or null. */
export function optional(check: FieldCheck): FieldCheck {
  return (value) => value === undefined || value === null || check(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
