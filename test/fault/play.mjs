/* Plays one fault against the package that is installed here: `play.mjs <file> <short|long> <control port> <tools>`. */
import { connect, createClients } from './harness.mjs'

const [file, length, control, tools] = process.argv.slice(2)
const script = await import(`./faults/${file}`)
const { url, elsewhereUrl } = await connect(control).seen()
const service = { ...connect(control), url, elsewhereUrl }
const ends = []
let failure
try {
  await script[length]({
    service,
    tools: JSON.parse(tools),
    clientsOf(core) {
      const clients = createClients(core, service)
      ends.push(() => clients.end())
      return clients
    },
  })
} catch (error) {
  failure = error
}
for (const end of ends) {
  try {
    end()
  } catch (error) {
    failure ??= error
  }
}
const { problems } = await service.seen()
if (problems.length > 0) failure ??= new Error(`the service found: ${problems.join('; ')}`)
if (failure !== undefined) console.error(failure)
// What the script left open is none of the outcome.
process.exit(failure === undefined ? 0 : 1)
