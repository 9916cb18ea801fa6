/*
 * The program of a user: a host framework, TruLayer or not, another tracer or not, in either order. What it is to do comes
 * as JSON in its argument; what came of it leaves as one line of JSON.
 */
import { attempts } from './loopback-only.mjs'

const settings = JSON.parse(process.argv[2])
const {
  set,
  host,
  peer,
  order,
  hasOurs,
  hasPlainTools,
  turns = 1,
  concurrency = 1,
  usesAgents = false,
  end = 'flush',
} = settings

const warnings = []
process.on('warning', ({ name, message }) => {
  // What Node says of the tracers' own use of it is theirs.
  if (name !== 'DeprecationWarning' && name !== 'ExperimentalWarning') warnings.push(message)
})

const { load } = await import(`../${set}/load.mjs`)
const { setUp } = await import(`./peers/${peer}.mjs`)
const { createHost } = await import(`./hosts/${host}.mjs`)

const setUpPeer = () => setUp({ load, sinkUrl: process.env.SINK_URL })
const early = order === 'peer-first' ? await setUpPeer() : undefined
const core = hasOurs ? await import('@trulayer/core') : undefined
core?.init({ projectName: 'coexistence', exitHooks: end !== 'flush' })

const { turn, tracer, leftovers } = await createHost({
  load,
  order,
  hasOurs,
  hasPlainTools,
  usesAgents,
  early,
  setUpPeer,
  providerUrl: process.env.PROVIDER_URL,
  toolUrl: `${process.env.SINK_URL}/weather`,
})

const results = []
let next = 0
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (next < turns) {
      const user = next++
      try {
        results[user] = await turn(`user-${user}`)
      } catch (error) {
        results[user] = String(error?.stack ?? error)
      }
    }
  }),
)

if (end === 'flush') {
  await core?.getClient().flush()
  const spans = (turns === 1 ? await tracer.read?.() : undefined) ?? []
  // What is written to a pipe is lost when the process exits at once.
  await print({ results, warnings, spans, network: attempts })
  process.exit()
}
await print({ results, warnings, spans: [], network: attempts })
if (end === 'signal') {
  setInterval(() => {}, 1000)
  process.stdout.write('READY\n')
}

function print(outcome) {
  const text = JSON.stringify({ ...outcome, leftovers: leftovers?.() ?? [] })
  return new Promise((resolve) => {
    process.stdout.write(`\nOUTCOME ${text}\n`, resolve)
  })
}
