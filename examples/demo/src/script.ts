import type { Script } from './scripted-provider.ts'

/** What the agents of the demo are asked. */
export const questions = {
  weather: 'Is it warmer in Oslo or in Rome, and by how much?',
  followUp: 'And which of the two should I pack a coat for?',
  returns: 'How long may I take to return a jacket?',
  trip: 'Plan a day in Rome for me.',
  article: 'Write two sentences about the history of tea.',
  order: 'Where is my order 1042?',
} as const

/** What the researcher is asked by the writer. */
export const RESEARCH = 'history of tea'

/** What the scripted model answers. The real one finds its own words. */
export const script: Script = {
  [questions.weather]: [
    [
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'weather', arguments: { city: 'Rome' } },
      { name: 'calculator', arguments: { expression: '24 - 7' } },
    ],
    'Rome is warmer: 24 degrees against 7 in Oslo, a difference of 17.',
  ],
  [questions.followUp]: ['For Oslo, where it has 7 degrees.'],
  [questions.returns]: ['You have 30 days from delivery.'],
  [questions.trip]: [
    [
      { name: 'weather', arguments: { city: 'Rome' } },
      { name: 'sights', arguments: { city: 'Rome' } },
    ],
    'It will be 24 degrees: walk from the Forum to the Pantheon, then to Trastevere.',
  ],
  [questions.article]: [
    [{ name: 'research', arguments: { topic: RESEARCH } }],
    'Tea was first drunk in China. It came to Europe in the seventeenth century.',
  ],
  [RESEARCH]: [
    [{ name: 'encyclopedia', arguments: { entry: 'tea' } }],
    'Tea comes from China and reached Europe in the seventeenth century.',
  ],
  [questions.order]: [
    [{ name: 'order_status', arguments: { order: '1042' } }],
    [{ name: 'order_archive', arguments: { order: '1042' } }],
    'Order 1042 was delivered on Monday.',
  ],
}
