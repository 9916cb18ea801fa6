/* A process that records 33 traces and then ends in one of the ways in which processes end. */
import { systems } from './systems.mjs'

const TRACES = 33
const [name, url, folder, ending] = process.argv.slice(2)
const system = await systems[name](url, folder)

const isNext = ending === 'next start'
for (let index = isNext ? TRACES : 0; index < TRACES + Number(isNext); index += 1)
  system.trace(index)
process.send({ done: true })

switch (ending) {
  case 'process.exit(0)':
    process.exit(0)
    break
  case 'uncaught':
    setImmediate(() => {
      throw new Error('the host failed')
    })
    break
  case 'own handler':
    // What a careful program does: it waits for the system and leaves.
    await system.flush()
    await system.close()
    process.exit(0)
    break
  case 'SIGTERM':
  case 'SIGINT': {
    // A server that goes on until it is told to stop. The channel is given up, for it would be another thing that holds it.
    setInterval(() => {}, 1000)
    process.disconnect()
    setTimeout(() => process.kill(process.pid, ending), 20)
    break
  }
  default:
    process.disconnect()
}
