import { describe, expect, test } from 'vitest'

import { overlay } from '../src/copy-with.ts'

class Model {
  #answers = 0
  #temperature = 0
  modelId = 'm'

  get temperature(): number {
    return this.#temperature
  }

  set temperature(value: number) {
    this.#temperature = value
  }

  answer(): string {
    this.#answers += 1
    return `answer ${this.#answers} at ${this.#temperature}`
  }

  ask(): string {
    return this.answer()
  }
}

function standInFor(model: Model): Model {
  return overlay(model, { answer: () => `recorded ${model.answer()}` })
}

describe('a stand-in', () => {
  test('keeps what is assigned to it, and the original stays as it was', () => {
    const model = new Model()
    const before = Object.getOwnPropertyDescriptors(model)
    const standIn = standInFor(model)
    const answer: unknown = Reflect.get(standIn, 'answer')
    standIn.answer = () =>
      typeof answer === 'function' ? `patched ${Reflect.apply(answer, standIn, [])}` : ''
    standIn.ask = function patched() {
      return `patched ${Model.prototype.ask.call(this)}`
    }
    standIn.modelId = 'other'
    expect(standIn.ask()).toBe('patched patched recorded answer 1 at 0')
    expect(standIn.modelId).toBe('other')
    expect(Object.getOwnPropertyDescriptors(model)).toEqual(before)
    expect(model.ask()).toBe('answer 2 at 0')
    expect(standInFor(model).ask()).toBe('answer 3 at 0')
  })

  test('keeps what is defined on it, in part as well', () => {
    const model = new Model()
    const standIn = standInFor(model)
    Object.defineProperty(standIn, 'answer', { value: () => 'defined' })
    Object.defineProperty(standIn, 'modelId', { enumerable: false })
    Object.defineProperty(standIn, 'seen', { get: () => 'a getter', configurable: false })
    expect([standIn.answer(), standIn.modelId, Reflect.get(standIn, 'seen')]).toEqual([
      'defined',
      'm',
      'a getter',
    ])
    expect(Object.keys(standIn)).toEqual([])
    expect(Reflect.ownKeys(standIn)).toEqual(['modelId', 'answer', 'seen'])
    expect(Reflect.ownKeys(model)).toEqual(['modelId'])
    expect(Object.keys(model)).toEqual(['modelId'])
  })

  test('takes back what was assigned when that is deleted', () => {
    const model = new Model()
    const standIn = standInFor(model)
    standIn.answer = () => 'patched'
    expect(Reflect.deleteProperty(standIn, 'answer')).toBe(true)
    expect(standIn.answer()).toBe('recorded answer 1 at 0')
    expect(Reflect.deleteProperty(standIn, 'modelId')).toBe(true)
    expect([standIn.modelId, 'modelId' in standIn, Reflect.ownKeys(standIn)]).toEqual([
      undefined,
      false,
      [],
    ])
    expect(model.modelId).toBe('m')
    standIn.modelId = 'again'
    expect([standIn.modelId, model.modelId]).toEqual(['again', 'm'])
  })

  test('shows a replaced own method as one that was deleted', () => {
    const literal = { answer: () => 'own' }
    const standIn = overlay(literal, { answer: () => 'recorded' })
    Reflect.deleteProperty(standIn, 'answer')
    expect([standIn.answer, literal.answer()]).toEqual([undefined, 'own'])
  })

  test('runs a setter on the original, unless it is given a function', () => {
    const model = new Model()
    const standIn = standInFor(model)
    standIn.temperature = 1
    expect([standIn.temperature, standIn.answer()]).toEqual([1, 'recorded answer 1 at 1'])
    const patched = (): void => {}
    Reflect.set(standIn, 'temperature', patched)
    expect([standIn.temperature, model.temperature]).toEqual([patched, 1])
  })

  test('takes assignments where the original is frozen, and can be frozen itself', () => {
    const model = new Model()
    Object.freeze(model)
    const standIn = standInFor(model)
    standIn.answer = () => 'patched'
    Object.freeze(standIn)
    expect(Object.isFrozen(standIn)).toBe(true)
    expect([standIn.answer(), standIn.modelId]).toEqual(['patched', 'm'])
    expect(() => {
      standIn.answer = () => 'patched again'
    }).toThrow(TypeError)
  })

  test('has the own properties of the original', () => {
    const model = new Model()
    const standIn = standInFor(model)
    expect(Object.entries(standIn)).toEqual(Object.entries(model))
    expect(Object.getOwnPropertyDescriptors(standIn)).toEqual(
      Object.getOwnPropertyDescriptors(model),
    )
    expect(standIn).toBeInstanceOf(Model)
  })
})
