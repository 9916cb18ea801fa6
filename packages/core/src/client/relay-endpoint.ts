/**
 * What the paths of the service are appended to where a relay stands in its place: they become a query, so that one route of
 * the host's server is enough. `undefined` where no request can be made to it, as to a relative address outside of a page.
 */
export function relayEndpoint(relayUrl: string | undefined): string | undefined {
  const base = globalThis.location?.href
  if (relayUrl === undefined || !URL.canParse(relayUrl, base)) {
    return undefined
  }
  const url = new URL(relayUrl, base)
  url.hash = ''
  return `${url.href}${url.search === '' ? '?' : '&'}to=`
}
