import { shared } from '@trulayer/core/internal'

/* One line for each thing that can be wrong, whichever copy of the library sees it first. */
const told = shared('ai-sdk:told', () => new Set<string>())

/** Tells the developer, once, about a mistake that would otherwise show as missing spans. */
export function warnOnce(message: string): void {
  if (!told.has(message)) {
    told.add(message)
    // oxlint-disable-next-line no-console -- it is for whoever wires the SDK up, with or without a client
    console.warn(`[trulayer] ${message}`)
  }
}
