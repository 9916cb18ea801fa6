const MARKER: unique symbol = Symbol.for('trulayer.error')

/**
 * What went wrong, in a word that does not change:
 *
 * - `invalid-option`: an option has the wrong type or value;
 * - `key-in-browser`: an API key was handed to a client in a browser;
 * - `invalid-argument`: a method was called with something that it cannot take;
 * - `delivery-failed`: with `failMode: 'block'`, traces were lost.
 */
export type TruLayerErrorCode =
  | 'invalid-option'
  | 'key-in-browser'
  | 'invalid-argument'
  | 'delivery-failed'

/** An error that this library throws on purpose. It does so for mistakes in code alone, and at once. */
export class TruLayerError extends Error {
  static {
    Object.defineProperty(this.prototype, MARKER, { value: true })
  }

  override readonly name: string = 'TruLayerError'
  /** What went wrong, for programs. */
  readonly code: TruLayerErrorCode

  constructor(code: TruLayerErrorCode, message: string, options?: ErrorOptions) {
    super(`[trulayer] ${message}`, options)
    this.code = code
  }

  /** True for an error of any installed copy of this library, where `instanceof` fails. */
  static isInstance(error: unknown): error is TruLayerError {
    return typeof error === 'object' && error !== null && MARKER in error
  }
}
