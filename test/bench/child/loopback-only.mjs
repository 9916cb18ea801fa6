/*
 * Preloaded into every process of a bench: a peer that would talk to its own service fails instead, for a bench must not
 * send anything anywhere.
 */
import { Socket } from 'node:net'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/
const connect = Reflect.get(Socket.prototype, 'connect')

Socket.prototype.connect = function connectLocally(...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args
  const host =
    typeof options === 'object' ? (options.host ?? 'localhost') : (args[1] ?? 'localhost')
  if (typeof options !== 'object' || options.path === undefined) {
    if (typeof host === 'string' && !LOOPBACK.test(host)) {
      throw new Error(`a bench may only talk to this machine, not to ${host}`)
    }
  }
  return connect.apply(this, args)
}
