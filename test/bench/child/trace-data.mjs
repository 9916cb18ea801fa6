/*
 * What every system is given: a turn of an agent that searches, calls a tool and answers, about 4.5 KB as JSON. Each
 * payload carries a mark, by which the receiver knows trace and span.
 */
const WORDS =
  'The order left our warehouse on Monday and is with the carrier now; delivery is planned for Thursday before noon. '
const text = (characters) => WORDS.repeat(Math.ceil(characters / WORDS.length)).slice(0, characters)

const SYSTEM = text(420)
const HISTORY = text(330)
const ANSWER = text(380)
const DOCUMENTS = [text(300), text(310), text(290)]

/** The turn number `index`. Fresh objects each time, as a program has them. */
export function turnData(index) {
  const mark = (span) => `~m${index}.${span}~`
  return {
    question: `${mark(0)} Where is my order ${index}, and when will it be here?`,
    answer: ANSWER,
    sessionId: `session-${index % 50}`,
    userId: `user-${index % 200}`,
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: HISTORY },
      { role: 'assistant', content: HISTORY },
      { role: 'user', content: `${mark(1)} Where is my order ${index}?` },
    ],
    reply: [{ role: 'assistant', content: ANSWER }],
    usage: { prompt: 812, completion: 96, cached: 512 },
    toolInput: { orderId: `${mark(2)} A-${index}`, include: ['status', 'carrier', 'eta'] },
    toolOutput: { status: 'shipped', carrier: 'parcel', eta: '2026-11-26', events: 4 },
    query: `${mark(3)} delivery time for order ${index}`,
    documents: DOCUMENTS.map((pageContent, rank) => ({
      pageContent,
      metadata: { source: `help-${rank}.md`, score: 0.9 - rank / 10 },
    })),
  }
}
