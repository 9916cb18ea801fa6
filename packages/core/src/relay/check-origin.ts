/**
 * Whether a page that this request may come from is one of ours: of the relay's own host, or of an origin that is allowed.
 * Browsers send `Origin` with every POST and let no page choose it; what sends none is no page.
 *
 * @param allowed - origins besides the relay's own
 */
export function isFromOurPage(request: Request, allowed: ReadonlySet<string>): boolean {
  const origin = request.headers.get('origin')
  if (origin === null || !URL.canParse(origin)) {
    return false
  }
  // Behind a proxy the request may name another scheme, or even another host, than the page sees.
  return (
    allowed.has(origin) ||
    new URL(origin).host === new URL(request.url).host ||
    request.headers.get('sec-fetch-site') === 'same-origin'
  )
}

/** What lets a page of an allowed origin read the answer. */
export function corsHeaders(
  request: Request,
  allowed: ReadonlySet<string>,
): Record<string, string> {
  const origin = request.headers.get('origin')
  return {
    vary: 'Origin',
    ...(origin !== null && allowed.has(origin) && { 'access-control-allow-origin': origin }),
  }
}

/** What answers a browser that asks whether a page may send. */
export const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers':
    'content-type, x-trulayer-attempt, x-trulayer-batch, x-trulayer-dropped',
  'access-control-max-age': '600',
} as const
