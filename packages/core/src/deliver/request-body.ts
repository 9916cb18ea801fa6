/*
 * A request's body. It is built anew for each attempt, since keeping it would double the memory, and straight from its
 * pieces into bytes: joined first, a large text is copied twice more on its way to the socket.
 */

/** The pieces as UTF-8, one after the other. */
export function joinBytes(pieces: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  let bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let length = 0
  for (const piece of pieces) {
    const { read, written } = encoder.encodeInto(piece, bytes.subarray(length))
    length += written
    if (read < piece.length) {
      // A character takes more than one byte: room for the worst that the rest can be.
      const rest = encoder.encode(piece.slice(read))
      const larger = new Uint8Array(bytes.length * 2 + rest.length)
      larger.set(bytes.subarray(0, length))
      larger.set(rest, length)
      bytes = larger
      length += rest.length
    }
  }
  return bytes.subarray(0, length)
}
