/* What Cloudflare Workers bring along, as far as the examples of the documents use it. */
declare module 'cloudflare:workers' {
  export function waitUntil(promise: Promise<unknown>): void
}
