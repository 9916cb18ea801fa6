/** A model writes its arguments as JSON text, which may be broken; the prompt of the next step holds them parsed. */
export function parseArguments(written: unknown): unknown {
  if (typeof written !== 'string') {
    return written
  }
  try {
    return JSON.parse(written)
  } catch {
    // What cannot be parsed is shown as it was written.
    return written
  }
}
