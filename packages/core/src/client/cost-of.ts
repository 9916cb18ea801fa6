import type { Run } from '../record/run.ts'
import { attributes } from '../shape/attributes.ts'
import { errorText } from '../shape/error-text.ts'
import { toCost } from '../shape/usage.ts'
import type { OnceLogger } from './logger.ts'
import type { CostQuestion } from './options.ts'

/** Asks the host's `costOf` about a run: what it throws, and what it answers that is no cost, is told once and left out. */
export function askCostOf(
  costOf: (question: CostQuestion) => number | undefined,
  logger: OnceLogger,
): (run: Run) => number | undefined {
  return (run) => {
    const provider = run.metadata?.[attributes.providerName]
    let answer: unknown
    try {
      answer = costOf({
        model: run.model,
        provider: typeof provider === 'string' ? provider : undefined,
        usage: run.usage,
        providerMetadata: run.providerMetadata,
        reportedCost: run.reportedCost,
      })
    } catch (error) {
      logger.warn(`costOf threw: ${errorText(error)}`, 'cost-of')
      return undefined
    }
    if (answer instanceof Promise) {
      // Nobody else would hear of its rejection.
      answer.catch(() => undefined)
    }
    const cost = toCost(answer)
    if (answer !== undefined && cost === undefined) {
      logger.warn(
        'costOf must answer US dollars, a number that is not negative, or undefined; what else it answers is left out.',
        'cost-of',
      )
    }
    return cost
  }
}
