import { type Fields, isObject } from '@trulayer/core/internal'
import { copyWith } from './copy-with.ts'
import { instrumentModel, type ModelResolver, originalModel } from './model.ts'
import { observe } from './observe.ts'
import type { Operation } from './operation.ts'
import { instrumentTools } from './tool.ts'
import { fieldOf, type HostFunction, isFunction } from './types.ts'

/* Version 4 has the second name alone. */
const PREPARE_STEP = ['prepareStep', 'experimental_prepareStep']

/** The options of a call with its model and its tools recorded, wherever they come from. */
export function instrumentCall(
  options: unknown,
  operation: Operation,
  resolve: ModelResolver,
): unknown {
  if (!isObject(options)) {
    return options
  }
  const { model, tools } = options
  const onUnseen = (id: string): void => operation.noteUnseenModel(id, promptOf(options))
  const replacements: Record<string, unknown> = {
    model: instrumentModel(model, operation, { resolve, onUnseen }),
    ...(isObject(tools) && { tools: instrumentTools(tools, operation) }),
  }
  for (const name of PREPARE_STEP) {
    const prepareStep = options[name]
    if (isFunction(prepareStep)) {
      replacements[name] = prepareStepWith(prepareStep, operation, resolve)
    }
  }
  return copyWith(options, replacements)
}

/* A step may choose another model. The user's function sees the user's own model, not the stand-in. */
function prepareStepWith(
  prepareStep: HostFunction,
  operation: Operation,
  resolve: ModelResolver,
): HostFunction {
  return function (this: unknown, step, ...rest) {
    const own = isObject(step) ? copyWith(step, { model: originalModel(step['model']) }) : step
    return observe(() => Reflect.apply(prepareStep, this, [own, ...rest]), {
      what: 'the model of a step',
      done: (prepared) => {
        const model = fieldOf(prepared, 'model')
        return isObject(prepared) && model !== undefined && model !== null
          ? copyWith(prepared, { model: instrumentModel(model, operation, { resolve }) })
          : undefined
      },
      failed: () => {},
    })
  }
}

function promptOf(options: Fields): unknown {
  const { prompt, messages, system, instructions } = options
  const before = system ?? instructions
  return [
    ...(before === undefined ? [] : [{ role: 'system', content: before }]),
    ...(typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : []),
    ...(Array.isArray(messages) ? messages : Array.isArray(prompt) ? prompt : []),
  ]
}
