import { startChild, nextMessage } from './contenders.ts'

/** What a sink has seen. */
export interface Seen {
  /** Traces of which every span arrived, and those of which only some did. */
  readonly whole: number
  readonly torn: number
  readonly requests: number
  readonly bytes: number
  readonly open: number
  readonly mostOpen: number
  /** Requests that met the fault. */
  readonly atFault: number
}

/** How a sink misbehaves. */
export type Fault =
  | { readonly kind: 'none' | 'refused' | 'hang' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'twice'; readonly status: number }
  | { readonly kind: 'too-large'; readonly bytes: number }

/** A receiver in a process of its own, so that its work is not counted as a contender's. */
export interface Sink extends Disposable {
  readonly url: string
  setFault(fault: Fault): Promise<void>
  /** Of the traces with these numbers. */
  seen(range?: { readonly from?: number; readonly to?: number }): Promise<Seen>
}

export async function startSink(): Promise<Sink> {
  const child = startChild('sink.mjs')
  const { port } = await nextMessage<{ port: number }>(child)
  const ask = (message: object): Promise<Seen> => {
    child.send(message)
    return nextMessage<Seen>(child)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    setFault: async (fault) => {
      await ask({ kind: 'fault', fault })
    },
    seen: (range = {}) => ask({ kind: 'seen', ...range }),
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
    },
  }
}
