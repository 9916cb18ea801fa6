/**
 * The text of a request's body; `undefined` where it has more than `maxBytes`, of which no more than that is read.
 *
 * @throws what reading it throws, where the sender goes away
 */
export async function readBody(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) {
    return undefined
  }
  const reader = request.body?.getReader()
  if (reader === undefined) {
    return ''
  }
  const decoder = new TextDecoder()
  let text = ''
  let room = maxBytes
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a stream is read one piece after the other
    const { done, value } = await reader.read()
    if (done) {
      return text + decoder.decode()
    }
    room -= value.byteLength
    if (room < 0) {
      reader.cancel().catch(() => undefined)
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}
