import { waitUntil } from 'cloudflare:workers'

import { TruLayer } from '@trulayer/core'

/* global ENDPOINT -- put in place by the bundler */

const trulayer = new TruLayer({ apiKey: 'tl_worker', endpoint: ENDPOINT, waitUntil })

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url)
    return Response.json(await trulayer.trace(`turn ${pathname}`, () => 'answered'))
  },
}
