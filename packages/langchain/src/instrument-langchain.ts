import type { TruLayer } from '@trulayer/core'
import {
  checkAdapterOptions,
  guard,
  isList,
  isObject,
  read,
  readExport,
  resolveLogger,
} from '@trulayer/core/internal'

import { enterCode } from './ambient.ts'
import {
  HANDLER_OPTIONS,
  TruLayerCallbackHandler,
  type TruLayerCallbackHandlerOptions,
} from './callback-handler.ts'
import { callMethod } from './call-method.ts'
import { rememberHiddenConfig } from './hidden-config.ts'

/**
 * Records every run of LangChain.js and LangGraph.js in the process, with no callbacks anywhere.
 *
 * Hand over the module `@langchain/core/callbacks/manager`; where a program loads LangChain as ES modules and as CommonJS,
 * hand over both, for these are two copies. Runs that have a `TruLayerCallbackHandler` of their own are recorded once. It
 * can tell sessions and users in `configurable` that a handler alone is not told of.
 *
 * @param modules - one module or a list of them. One without a `CallbackManager` is told of once and left alone
 * @returns a function that undoes this call
 * @throws TruLayerError `invalid-option` for an option of the wrong type and a value of `nodes` that does not exist
 *
 * @example
 * ```ts
 * import * as callbacks from '@langchain/core/callbacks/manager'
 *
 * const undo = instrumentLangChain(callbacks)
 * ```
 */
export function instrumentLangChain(
  modules: object | readonly object[],
  options: TruLayerCallbackHandlerOptions = {},
): () => void {
  checkAdapterOptions('instrumentLangChain()', options, HANDLER_OPTIONS)
  const { client, nodes } = options
  const handler = new TruLayerCallbackHandler({ client, nodes })
  const undos = (isList(modules) ? modules : [modules]).map((module) => {
    const manager = managerOf(module)
    if (manager === undefined) {
      tellOfMissingManager(client)
      return undefined
    }
    return attach(manager, handler)
  })
  return () => {
    for (const undo of undos.splice(0)) {
      undo?.()
    }
  }
}

/* The method that is called for every run which is given callbacks or might be. */
const CONFIGURE = '_configureSync'

/* LangChain's class. */
interface ManagerClass {
  [CONFIGURE]: Configure
}

type Configure = (
  this: unknown,
  inheritable: unknown,
  local: unknown,
  ...rest: readonly unknown[]
) => unknown

/* What was done to a class, on the class itself, so that every copy of this package finds it. */
interface Instrumentation {
  readonly handlers: TruLayerCallbackHandler[]
  readonly original: Configure
  readonly patched: Configure
}

const INSTRUMENTATION = Symbol.for('trulayer.langchain.instrumentation')

/* Among its arguments behind the two for callbacks: tags twice, metadata twice, options. */
const OPTIONS_INDEX = 4

const MANAGER = 'CallbackManager'

function managerOf(module: unknown): ManagerClass | undefined {
  const own = readExport(module, MANAGER)
  // A CommonJS module that was imported as an ES module may have its exports one level down.
  const manager = isManagerClass(own) ? own : readExport(readExport(module, 'default'), MANAGER)
  return isManagerClass(manager) ? manager : undefined
}

function isManagerClass(value: unknown): value is ManagerClass {
  return typeof value === 'function' && typeof Reflect.get(value, CONFIGURE) === 'function'
}

function tellOfMissingManager(client: TruLayer | undefined): void {
  resolveLogger(client).warn(
    "instrumentLangChain() was given a module without a CallbackManager, so nothing is recorded there: pass `import * as callbacks from '@langchain/core/callbacks/manager'`.",
    'langchain-no-manager',
  )
}

/* The first handler that was attached is the one that hears; the next one takes its place when it goes. */
function attach(manager: ManagerClass, handler: TruLayerCallbackHandler): () => void {
  const found = instrumentationOf(manager)
  // Another tracer that restores what it found before us takes ours off. One that is around ours looks the same from here,
  // and a second layer inside it adds nothing.
  const { handlers } =
    found?.patched === manager[CONFIGURE] ? found : install(manager, found?.handlers)
  handlers.push(handler)
  return () => {
    const index = handlers.indexOf(handler)
    if (index !== -1) {
      handlers.splice(index, 1)
    }
    if (handlers.length === 0) {
      uninstall(manager)
    }
  }
}

function instrumentationOf(manager: ManagerClass): Instrumentation | undefined {
  const found: unknown = Reflect.get(manager, INSTRUMENTATION)
  return isInstrumentation(found) ? found : undefined
}

function isInstrumentation(value: unknown): value is Instrumentation {
  return isObject(value) && isList(value['handlers']) && typeof value['patched'] === 'function'
}

function install(manager: ManagerClass, handlers: TruLayerCallbackHandler[] = []): Instrumentation {
  const original = manager[CONFIGURE]
  const patched: Configure = function configureSync(inheritable, local, ...rest) {
    const [handler] = handlers
    guard('the scope of a run', () => enterCode(inheritable))
    const callbacks =
      guard('the callbacks of a run', () => withHandler(inheritable, handler)) ?? inheritable
    const configured = Reflect.apply(original, this, [callbacks, local, ...rest])
    guard('the config of a run', () =>
      rememberHiddenConfig(read(configured, 'metadata'), rest[OPTIONS_INDEX]),
    )
    return configured
  }
  const instrumentation: Instrumentation = { handlers, original, patched }
  manager[CONFIGURE] = patched
  Reflect.set(manager, INSTRUMENTATION, instrumentation)
  return instrumentation
}

/* What somebody else has put around ours must stay; ours does nothing then, for it has no handler. */
function uninstall(manager: ManagerClass): void {
  const instrumentation = instrumentationOf(manager)
  if (instrumentation !== undefined && manager[CONFIGURE] === instrumentation.patched) {
    manager[CONFIGURE] = instrumentation.original
    Reflect.deleteProperty(manager, INSTRUMENTATION)
  }
}

/*
 * The callbacks that a run and all below it inherit, with ours among them. The host's own list or manager is never changed:
 * it may be shared by many calls. A handler of the host's that is not inherited is no reason to stay away, since a run that
 * two handlers hear is recorded once.
 */
function withHandler(inheritable: unknown, handler: TruLayerCallbackHandler | undefined): unknown {
  if (handler === undefined) {
    return inheritable
  }
  if (inheritable === undefined || inheritable === null) {
    return [handler]
  }
  if (isList(inheritable)) {
    return hasOurs(inheritable) ? inheritable : [...inheritable, handler]
  }
  return hasOurs(read(inheritable, 'inheritableHandlers'))
    ? inheritable
    : copyWith(inheritable, handler)
}

function hasOurs(handlers: unknown): boolean {
  return isList(handlers) && handlers.some((handler) => read(handler, 'name') === 'trulayer')
}

function copyWith(manager: unknown, handler: TruLayerCallbackHandler): unknown {
  const copy = callMethod(manager, 'copy')
  callMethod(copy, 'addHandler', handler, true)
  return copy
}
