const { TruLayer } = require('@trulayer/core')
const { createRelay } = require('@trulayer/core/relay')

const [endpoint, name] = process.argv.slice(2)
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint, projectName: 'smoke' })

async function main() {
  const { thumb } = await import('./thumb.mjs')
  const { turns } = await import('./turn.mjs')
  await turns(trulayer, { name, ambient: true })
  const flushed = await trulayer.flush()
  const status = await thumb(createRelay({ client: trulayer }))
  console.log(JSON.stringify({ ...flushed, thumb: status }))
  await trulayer.shutdown()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
