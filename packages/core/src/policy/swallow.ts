/**
 * Takes the rejection of a promise that was answered where an answer was wanted at once: nobody else would hear of it, and
 * the process might end.
 */
export function swallow(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null && 'then' in answer) {
    Promise.resolve(answer).catch(() => undefined)
  }
}
