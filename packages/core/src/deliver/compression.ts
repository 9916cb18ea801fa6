import type { SendOutcome } from './send-request.ts'

/* Below, the time costs more than the bytes. */
const WORTH_IT = 8192

/**
 * Compresses the bodies of requests where that is asked for. The service does not document that it takes them, so the first
 * answers decide: refused once, it is not tried again.
 */
export class Compression {
  readonly #isWanted: boolean
  #state: 'untried' | 'works' | 'refused' = 'untried'

  constructor(wanted: 'gzip' | undefined) {
    this.#isWanted = wanted === 'gzip'
  }

  /** The body compressed, or `undefined` where it goes as it is. */
  async compress(pieces: readonly string[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (!this.#isWanted || this.#state === 'refused' || length < WORTH_IT) {
      return undefined
    }
    try {
      const stream = new Blob([...pieces]).stream().pipeThrough(new CompressionStream('gzip'))
      return new Uint8Array(await new Response(stream).arrayBuffer())
    } catch {
      // A runtime that cannot compress.
      this.#state = 'refused'
      return undefined
    }
  }

  /** Learns from the answer to a compressed request whether it should be sent again as it is. */
  isRefused(outcome: SendOutcome): boolean {
    const status = outcome.kind === 'answer' ? outcome.answer.status : 0
    if (status >= 200 && status < 300) {
      this.#state = 'works'
    }
    const isRefused = status === 415 || (status === 400 && this.#state === 'untried')
    this.#state = isRefused ? 'refused' : this.#state
    return isRefused
  }
}
