/** The key of a span's run. */
export function runKey(spanId: string): string {
  return `mastra:${spanId}`
}
