import { isObject, read } from './read.ts'
import { toCost } from './usage.ts'

/**
 * The cost of a call in US dollars, as a gateway or a provider reports it: a `cost`, of its own or in `usage`, as a number, as
 * text, or as an object with a total. `undefined` where no place has one.
 *
 * @param places - where the cost may be, the best first
 */
export function reportedCost(places: readonly unknown[]): number | undefined {
  for (const place of places) {
    const cost = costIn(read(place, 'cost')) ?? costIn(read(place, 'usage', 'cost'))
    if (cost !== undefined) {
      return cost
    }
  }
  return undefined
}

function costIn(cost: unknown): number | undefined {
  if (isObject(cost)) {
    return toCost(cost['total_cost'] ?? cost['totalCost'] ?? cost['total'])
  }
  return toCost(typeof cost === 'string' && cost.trim() !== '' ? Number(cost) : cost)
}
