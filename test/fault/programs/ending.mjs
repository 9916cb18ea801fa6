/* Records 33 traces and then ends in one of the ways in which processes end. */
import { TruLayer } from '@trulayer/core'

const TRACES = 33

const { ending, options, listen } = JSON.parse(process.argv[2])
// What is delivered is delivered because of the end, and not because it is time.
const client = new TruLayer({ flushInterval: 3_600_000, ...options })

const END = {
  natural: () => {},
  'process.exit': () => process.exit(5),
  uncaught: () =>
    setTimeout(() => {
      throw new Error('the host failed')
    }, 1),
  rejection: () => void Promise.reject(new Error('the host failed')),
}

/* A server's own end, which takes its time and has an exit code of its own. It asks nobody to deliver. */
function listenTo(signal) {
  process[listen.how](signal, () => {
    const isDelivered = () => client.stats().traces.sent > TRACES
    setTimeout(() => setInterval(() => isDelivered() && process.exit(7), 10), 600)
  })
}

const isSignal = ending.startsWith('SIG')
if (listen?.when === 'before') listenTo(ending)
if (listen?.idle === true) {
  // Another client, whose listeners are there and which has nothing left to do.
  await new TruLayer({ ...options, mode: 'local' }).trace('idle', () => 1)
}
// With a connection that is there, as a program has that has run for a while.
await client.trace('first', () => 1)
await client.flush({ timeout: 60_000 })
for (let index = 0; index < TRACES; index += 1) await client.trace(`turn ${index}`, () => index)
if (listen?.when === 'after') listenTo(ending)
if (isSignal) {
  setInterval(() => console.log('alive'), 20)
  console.log('ready')
} else {
  END[ending]()
  console.log('ended')
}
