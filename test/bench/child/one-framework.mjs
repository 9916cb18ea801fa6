/*
 * Preloaded where a framework is measured. The scripted models stand in test/support and would find the repository's own
 * copy of the framework; the peers find the one that is installed here. Two copies would make each slower, and some blind.
 */
import { registerHooks } from 'node:module'

const FRAMEWORKS =
  /^(?:@langchain\/|@mastra\/|langchain(?:\/|$)|langsmith(?:\/|$)|ai(?:\/|$)|zod(?:\/|$))/
const here = new URL('../package.json', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const isOutside = context.parentURL?.includes('/test/support/') === true
    return FRAMEWORKS.test(specifier) && isOutside
      ? next(specifier, { ...context, parentURL: here })
      : next(specifier, context)
  },
})
