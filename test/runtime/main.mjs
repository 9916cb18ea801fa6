import { TruLayer } from '@trulayer/core'
import { createRelay } from '@trulayer/core/relay'

import { thumb } from './thumb.mjs'
import { turns } from './turn.mjs'

const [endpoint, name] = process.argv.slice(2)
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint, projectName: 'smoke' })
await turns(trulayer, { name, ambient: true })
const flushed = await trulayer.flush()
const status = await thumb(createRelay({ client: trulayer }))
console.log(JSON.stringify({ ...flushed, thumb: status }))
await trulayer.shutdown()
