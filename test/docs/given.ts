/* What the examples of the documents take for granted of the reader's own program. */

export const question = 'Where is my order?'

export const agent = (asked: string, documents: readonly string[] = []): Promise<string> =>
  Promise.resolve(`${asked} ${documents.length}`)

export const answer = (asked: string): Promise<string> => agent(asked)

export const search = (asked: string): Promise<string[]> => Promise.resolve([asked])
