const { TruLayer } = require('@trulayer/core')

const [endpoint, name] = process.argv.slice(2)
const trulayer = new TruLayer({ apiKey: 'tl_smoke', endpoint, projectName: 'smoke' })

async function main() {
  const { turns } = await import('./turn.mjs')
  await turns(trulayer, { name, ambient: true })
  console.log(JSON.stringify(await trulayer.flush()))
  await trulayer.shutdown()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
