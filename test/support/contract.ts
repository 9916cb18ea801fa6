import { readFileSync } from 'node:fs'

import type { WireTrace } from '@trulayer/core/internal'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

/** What the service takes, by the schema of its contract. */
export interface Contract {
  /** The value as a trace, or why it is none. */
  trace(value: unknown): { readonly trace: WireTrace } | { readonly problem: string }
  /** Why the value is no feedback; `undefined` where it is. */
  feedback(value: unknown): string | undefined
}

/** The contract. `validate: false` takes what looks like a trace, too. */
export function createContract(validate = true): Contract {
  const { isTrace, isFeedback } = validators()
  return {
    trace(value) {
      return isTrace(value) || (!validate && isTraceLike(value))
        ? { trace: value }
        : { problem: problemText('trace', isTrace) }
    },
    feedback(value) {
      return isFeedback(value) || !validate ? undefined : problemText('feedback', isFeedback)
    },
  }
}

/** What the contract's schema finds wrong with a trace; `undefined` where nothing is. */
export function traceProblem(value: unknown): string | undefined {
  const { isTrace } = validators()
  return isTrace(value) ? undefined : problemText('trace', isTrace)
}

interface Validators {
  readonly isTrace: ValidateFunction<WireTrace>
  readonly isFeedback: ValidateFunction
}

let compiled: Validators | undefined

/* Compiled once, since a test file starts a server for each of its tests. */
function validators(): Validators {
  if (compiled === undefined) {
    const file = new URL('../contract/ingest.schema.json', import.meta.url)
    const schema: { readonly $id: string } = JSON.parse(readFileSync(file, 'utf8'))
    const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
    ajv.addSchema(schema)
    compiled = {
      isTrace: ajv.compile<WireTrace>({ $ref: `${schema.$id}#/$defs/trace` }),
      isFeedback: ajv.compile({ $ref: `${schema.$id}#/$defs/feedback` }),
    }
  }
  return compiled
}

function problemText(name: string, { errors }: ValidateFunction): string {
  const problems = (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${name}${instancePath} ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
  )
  return problems.join('; ')
}

function isTraceLike(value: unknown): value is WireTrace {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'id') === 'string' &&
    Array.isArray(Reflect.get(value, 'spans'))
  )
}
