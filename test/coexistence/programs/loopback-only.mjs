/* Lets no socket leave this machine, and remembers who tried. */
import net from 'node:net'

export const attempts = []

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/
const connect = Reflect.get(net.Socket.prototype, 'connect')

net.Socket.prototype.connect = function (...parameters) {
  const [first] = parameters.flat()
  const host = typeof first === 'object' ? first.host : parameters[1]
  const isLocal = first?.path !== undefined || typeof host !== 'string' || LOOPBACK.test(host)
  if (isLocal) return Reflect.apply(connect, this, parameters)
  attempts.push(host)
  process.nextTick(() => this.destroy(new Error(`${host} is not on this machine`)))
  return this
}
