import { TruLayer } from '@trulayer/core'

import { turns } from './turn.mjs'

/* global ENDPOINT, NAME, AMBIENT -- put in place by the bundler */

// Made at module scope, where a Worker may neither wait nor fetch, nor make random numbers.
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint: ENDPOINT, projectName: 'smoke' })

export default {
  async fetch() {
    await turns(trulayer, { name: NAME, ambient: AMBIENT })
    return Response.json(await trulayer.flush())
  },
}
