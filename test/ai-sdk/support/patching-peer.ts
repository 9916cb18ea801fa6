import { isObject } from '@trulayer/core/internal'

type Method = (this: unknown, ...parameters: unknown[]) => unknown

/** Another tracer that patches in place, as dd-trace and Sentry do. */
export interface PatchingPeer {
  /** The SDK with the tracer in it. */
  readonly ai: object
  /** How often each of its wrappers ran. */
  readonly calls: Readonly<Record<string, number>>
}

const FUNCTIONS = ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed']
const MODEL_METHODS = ['doGenerate', 'doStream', 'doEmbed']

/**
 * The SDK with a tracer that replaces the methods of each model and tool that reaches it, on the object itself.
 *
 * @param assign - how it replaces a method
 */
export function patchingPeer(
  sdk: object,
  assign: (target: object, key: PropertyKey, method: Method) => void,
): PatchingPeer {
  const calls: Record<string, number> = {}
  const patch = (target: object, key: PropertyKey, follow?: (value: unknown) => void): void => {
    const original: unknown = Reflect.get(target, key)
    if (typeof original !== 'function') {
      return
    }
    assign(target, key, function patched(...parameters) {
      const name = String(key)
      calls[name] = (calls[name] ?? 0) + 1
      const value: unknown = Reflect.apply(original, this, parameters)
      follow?.(value)
      return value
    })
  }
  const patchIterable = (value: unknown): void => {
    if (isObject(value)) {
      patch(value, Symbol.asyncIterator, (iterator) => {
        if (isObject(iterator)) {
          patch(iterator, 'next')
        }
      })
    }
  }
  const patchOptions = (options: Readonly<Record<string, unknown>>): void => {
    const { model, tools } = options
    for (const method of isObject(model) ? MODEL_METHODS : []) {
      patch(model as object, method)
    }
    for (const tool of isObject(tools) ? Object.values(tools) : []) {
      patch(tool as object, 'execute', patchIterable)
    }
  }
  const replaced = FUNCTIONS.map((name) => {
    const original = Reflect.get(sdk, name) as Method
    const traced = (options: Readonly<Record<string, unknown>>): unknown => {
      patchOptions(options)
      return original(options)
    }
    return [name, traced] as const
  })
  return { ai: { ...sdk, ...Object.fromEntries(replaced) }, calls }
}
