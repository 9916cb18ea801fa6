import { describe, expect, test } from 'vitest'

import { type StreamListener, tapStream } from '../src/tap-stream.ts'

async function* numbers(error?: Error): AsyncGenerator<number> {
  yield 1
  yield 2
  if (error !== undefined) {
    throw error
  }
}

function listen(): { readonly heard: unknown[]; readonly listener: StreamListener } {
  const heard: unknown[] = []
  return {
    heard,
    listener: {
      what: 'a stream of a test',
      part: (part) => heard.push(part),
      done: () => heard.push('done'),
      failed: (error) => heard.push(error),
      left: () => heard.push('left'),
      handedOn: () => heard.push('handed on'),
      collected: () => heard.push('collected'),
    },
  }
}

function stream(kind: string, error?: Error): AsyncIterable<number> {
  if (kind === 'a generator') {
    return numbers(error)
  }
  const iterable = { [Symbol.asyncIterator]: () => numbers(error) }
  return kind === 'an iterable' ? iterable : toPlatform(numbers(error))
}

function toPlatform(parts: AsyncGenerator<number>): ReadableStream<number> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await parts.next()
      if (done === true) {
        controller.close()
      } else {
        controller.enqueue(value)
      }
    },
  })
}

describe.each(['a generator', 'an iterable', 'a stream of the platform'])('%s', (kind) => {
  test('is heard to its end', async () => {
    const { heard, listener } = listen()
    const tapped = stream(kind)
    tapStream(tapped, listener)
    const read: number[] = []
    for await (const part of tapped) {
      read.push(part)
    }
    expect(read).toEqual([1, 2])
    expect(heard).toEqual([1, 2, 'done'])
  })

  test('is heard to be left', async () => {
    const { heard, listener } = listen()
    const tapped = stream(kind)
    tapStream(tapped, listener)
    for await (const part of tapped) {
      expect(part).toBe(1)
      break
    }
    expect(heard).toEqual([1, 'left'])
  })

  test('is heard to fail, with the very error that its reader gets', async () => {
    const { heard, listener } = listen()
    const error = new TypeError('cut')
    const tapped = stream(kind, error)
    tapStream(tapped, listener)
    const read = async (): Promise<void> => {
      for await (const part of tapped) {
        expect(part).toBeLessThan(3)
      }
    }
    await expect(read()).rejects.toBe(error)
    expect(heard.at(-1)).toBe(error)
  })
})

test('a generator is read step by step, and stays one', async () => {
  const { heard, listener } = listen()
  const tapped = numbers()
  tapStream(tapped, listener)
  expect(await tapped.next()).toEqual({ value: 1, done: false })
  expect(heard).toEqual([1])
  expect(await tapped.return(7)).toEqual({ value: 7, done: true })
  expect(await tapped.next()).toEqual({ value: undefined, done: true })
  expect(heard).toEqual([1, 'left'])
  expect(Object.prototype.toString.call(tapped)).toBe('[object AsyncGenerator]')
})

describe('a stream of the platform', () => {
  test('is heard through its reader, cancelled or to the end', async () => {
    const { heard, listener } = listen()
    const tapped = toPlatform(numbers())
    tapStream(tapped, listener)
    const reader = tapped.getReader()
    expect(await reader.read()).toEqual({ value: 1, done: false })
    await reader.cancel()
    expect(heard).toEqual([1, 'left'])
  })

  test('is not followed beyond a pipe', async () => {
    const { heard, listener } = listen()
    const tapped = toPlatform(numbers())
    tapStream(tapped, listener)
    const [one, other] = tapped.tee()
    expect(heard).toEqual(['handed on'])
    expect(await one.getReader().read()).toEqual({ value: 1, done: false })
    expect(await other.getReader().read()).toEqual({ value: 1, done: false })
  })
})

test('a listener that throws changes nothing of the stream', async () => {
  const { listener } = listen()
  const tapped = numbers()
  tapStream(tapped, {
    ...listener,
    part: () => {
      throw new Error('ours')
    },
  })
  const read: number[] = []
  for await (const part of tapped) {
    read.push(part)
  }
  expect(read).toEqual([1, 2])
})
