/* What the examples of the documents import of a platform that is known only on its own machines. */
declare module 'cloudflare:workers' {
  export function waitUntil(promise: Promise<unknown>): void
}
