import { expect, test } from 'vitest'

import { mapDocuments } from '../src/map-documents.ts'

const key = `sk-proj-${'k'.repeat(60)}`

test('documents are told with their id, score and metadata, and what is none is left out', () => {
  expect(
    mapDocuments([
      { id: 'a', pageContent: 'text', metadata: { score: 0.5, page: 1 } },
      { pageContent: 7 },
      'no document',
    ]),
  ).toEqual([
    { id: 'a', score: 0.5, content: 'text', metadata: { score: 0.5, page: 1 } },
    { content: '', metadata: undefined },
  ])
  expect(mapDocuments('none')).toEqual([])
})

test('a long one is cut between words, for half of a key is a part of the key that nobody knows for one', () => {
  for (let shift = 0; shift < 80; shift += 1) {
    const pageContent = `${'x'.repeat(shift)} ${'word '.repeat(384)}${key} ${'more '.repeat(500)}`
    const [document] = mapDocuments([{ pageContent }])
    expect(document?.content.length).toBeLessThanOrEqual(2000)
    expect(document?.content).toMatch(/(?:word |more |k )…$/)
    expect(document?.content.replace(key, '')).not.toContain('sk-')
  }
})
