import { TruLayer } from '@trulayer/core'

import { turns } from './turn.mjs'

const [endpoint, name] = process.argv.slice(2)
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint, projectName: 'smoke' })
await turns(trulayer, { name, ambient: true })
console.log(JSON.stringify(await trulayer.flush()))
await trulayer.shutdown()
