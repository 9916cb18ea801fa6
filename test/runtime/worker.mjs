import { TruLayer } from '@trulayer/core'
import { createRelay } from '@trulayer/core/relay'

import { thumb } from './thumb.mjs'
import { turns } from './turn.mjs'

/* global ENDPOINT, NAME, AMBIENT -- put in place by the bundler */

// Made at module scope, where a Worker may neither wait nor fetch, nor make random numbers.
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint: ENDPOINT, projectName: 'smoke' })
const relay = createRelay({ client: trulayer })

export default {
  async fetch() {
    await turns(trulayer, { name: NAME, ambient: AMBIENT })
    const flushed = await trulayer.flush()
    return Response.json({ ...flushed, thumb: await thumb(relay) })
  },
}
