/* A function whose process is frozen while its request is open, as on Lambda. */
import { TruLayer } from '@trulayer/core'

const { options } = JSON.parse(process.argv[2])
const client = new TruLayer(options)
await client.trace('turn', () => 1)
console.log('recorded')
await client.flush({ timeout: 60_000 })
console.log(JSON.stringify(client.stats()))
process.exit(0)
