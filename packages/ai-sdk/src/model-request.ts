import { asyncContext, guard, isObject, shared } from '@trulayer/core/internal'

import { areClaimsExpected } from './claim.ts'
import { copyWith, overlay } from './copy-with.ts'
import { type HostFunction, isFunction, textOrUndefined } from './types.ts'

/* A model with middleware around it, where the model below reports that it is asked. */
interface Layer {
  readonly open: Set<ModelRequest>
}

/* By the model as the program uses it. */
const layers = shared('ai-sdk:model-layers', () => new WeakMap<object, Layer>())

/* The recorded call that the code which is running belongs to. */
const requests = asyncContext<ModelRequest>('ai-sdk:model-request')

/** A recorded call of a model, which middleware around the model may answer without asking it: a cache does. */
export class ModelRequest {
  /** True once the model itself was asked. */
  isAsked = false
  readonly #model: object

  constructor(model: object) {
    this.#model = model
    layers.get(model)?.open.add(this)
  }

  /** Runs the work of the call. */
  run<Result>(work: () => Result): Result {
    return requests.run(this, work)
  }

  /** The call is over. */
  close(): void {
    layers.get(this.#model)?.open.delete(this)
  }

  /**
   * Notes that a middleware of ours is asked.
   *
   * @param isOwn - whether it is certainly a middleware around this model, which is then known to see all of its calls,
   *   and not one around a model that a tool asks
   */
  notePassed(isOwn: boolean): void {
    this.isAsked = true
    if (isOwn && !layers.has(this.#model)) {
      layers.set(this.#model, { open: new Set() })
    }
  }

  /**
   * True where the model was not asked although that would have been seen. An answer of another model does not count as cached:
   * the middleware may have asked that model.
   */
  isAnsweredByMiddleware(modelId: string | undefined, answeredBy: unknown): boolean {
    return layers.has(this.#model) && !this.isAsked && isVersionOf(modelId, answeredBy)
  }
}

/* A gateway has the provider before the name, and providers answer with a version of the model: `gpt-4o-2024-08-06`. */
function isVersionOf(modelId: string | undefined, answeredBy: unknown): boolean {
  const name = modelId?.split('/').at(-1) ?? ''
  const answering = textOrUndefined(answeredBy) ?? name
  return answering.startsWith(name) && /^(?:$|[-@]\d)/.test(answering.slice(name.length))
}

/** Opens the request of a recorded call; `undefined` where nothing would report that the model is asked. */
export function openRequest(model: object): ModelRequest | undefined {
  return layers.has(model) || areClaimsExpected() ? new ModelRequest(model) : undefined
}

/** The request that the code which is running belongs to. */
export function currentRequest(): ModelRequest | undefined {
  return requests.current()
}

/**
 * `wrapLanguageModel` of the SDK, which puts middleware around a model. The model is replaced by a stand-in that notes
 * when it is asked; nothing is recorded here.
 */
export function instrumentWrapper(original: HostFunction): HostFunction {
  return new Proxy(original, {
    apply: (target, self: unknown, parameters: unknown[]) => {
      const [options, ...rest] = parameters
      const below = guard('a model with middleware', () => layerBelow(options))
      if (below === undefined) {
        return Reflect.apply(target, self, parameters)
      }
      const model: unknown = Reflect.apply(target, self, [below.options, ...rest])
      if (isObject(model)) {
        layers.set(model, below.layer)
      }
      return model
    },
  })
}

const METHODS = ['doGenerate', 'doStream']

function layerBelow(options: unknown): { options: object; layer: Layer } | undefined {
  if (!isObject(options) || !isObject(options['model'])) {
    return undefined
  }
  const { model } = options
  const known = layers.get(model)
  if (known !== undefined) {
    return { options, layer: known }
  }
  const layer: Layer = { open: new Set() }
  const replacements: Record<string, unknown> = {}
  for (const name of METHODS) {
    const method = model[name]
    if (isFunction(method)) {
      replacements[name] = (...parameters: unknown[]) => {
        noteAsked(layer)
        return Reflect.apply(method, model, parameters)
      }
    }
  }
  return { options: copyWith(options, { model: overlay(model, replacements) }), layer }
}

/* A middleware may ask the model later, in the context of a reader: then it is not known for which call. */
function noteAsked(layer: Layer): void {
  const request = requests.current()
  const asked = request !== undefined && layer.open.has(request) ? [request] : layer.open
  for (const each of asked) {
    each.isAsked = true
  }
}
