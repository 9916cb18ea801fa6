import { describe, expect, test } from 'vitest'

import type { JsonValue } from '../../src/shape/json.ts'
import {
  boundSchema,
  boundToolDefinitions,
  isSameJson,
  mapToolDefinitions,
} from '../../src/shape/tool-definitions.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const weather = { name: 'weather', description: 'The weather', parameters }
const definition = { type: 'function', ...weather }

describe('definitions of tools', () => {
  test.each<[string, unknown, unknown]>([
    ['OpenAI chat', { type: 'function', function: weather }, definition],
    ['OpenAI responses', { ...definition, strict: true }, definition],
    [
      'Anthropic',
      { name: 'weather', description: 'The weather', input_schema: parameters },
      definition,
    ],
    ['Google', { functionDeclarations: [weather] }, definition],
    [
      'Bedrock',
      {
        toolSpec: {
          name: 'weather',
          description: 'The weather',
          inputSchema: { json: parameters },
        },
      },
      definition,
    ],
    [
      'the AI SDK',
      { type: 'function', name: 'weather', description: 'The weather', inputSchema: parameters },
      definition,
    ],
    ['LlamaIndex', { call: () => 1, metadata: weather }, definition],
    ['a name', 'weather', { type: 'function', name: 'weather' }],
    [
      'a schema of a library',
      { name: 'weather', schema: { _def: {}, type: 'object' } },
      { type: 'function', name: 'weather' },
    ],
    [
      'a tool of a provider, without its settings',
      { type: 'mcp', server_label: 'wiki', headers: { authorization: 'Bearer secret' } },
      { type: 'mcp', name: 'mcp' },
    ],
    [
      'a tool of a provider in the AI SDK',
      { type: 'provider', id: 'openai.mcp', name: 'mcp', args: { authorization: 'secret' } },
      { type: 'provider', name: 'mcp' },
    ],
  ])('of %s', (_, tool, expected) => {
    expect(mapToolDefinitions([tool])).toEqual([expected])
  })

  test('of values that are not tools', () => {
    expect([mapToolDefinitions(undefined), mapToolDefinitions([1, null, {}])]).toEqual([[], []])
  })
})

describe('definitions that are too large', () => {
  const long = 'x'.repeat(1000)
  const tools: JsonValue[] = [
    { type: 'function', name: 'a', description: long, parameters: { type: 'object', title: long } },
    { type: 'function', name: 'b', description: 'short', parameters: { type: 'object' } },
  ]
  const sizeOf = (value: JsonValue): number => JSON.stringify(value).length

  test('stay where they are not', () => {
    expect(boundToolDefinitions(tools, sizeOf(tools))).toBe(tools)
  })

  test('lose schemas first, the largest before the others', () => {
    expect(boundToolDefinitions(tools, 1500)).toEqual([
      { type: 'function', name: 'a', description: long },
      tools[1],
    ])
  })

  test('lose descriptions next', () => {
    expect(boundToolDefinitions(tools, 100)).toEqual([
      { type: 'function', name: 'a' },
      { type: 'function', name: 'b', description: 'short' },
    ])
  })

  test('lose the last names where there are too many, and say how many', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      type: 'function',
      name: `tool_${index}`,
      description: long,
    }))
    const bounded = boundToolDefinitions(many, 2000)
    expect(sizeOf(bounded)).toBeLessThanOrEqual(2000)
    const names = Array.isArray(bounded) ? bounded.map((tool: JsonValue) => tool) : []
    expect(names[0]).toEqual({ type: 'function', name: 'tool_0' })
    expect(names.at(-1)).toEqual({ type: 'truncated', name: `… ${501 - names.length} more` })
  })

  test('a schema keeps the names of its properties, or nothing', () => {
    const schema = { type: 'object', properties: { a: { description: long }, b: {} } }
    expect(boundSchema(schema, 2000)).toBe(schema)
    expect(boundSchema(schema, 100)).toEqual({ type: 'object', properties: { a: {}, b: {} } })
    expect(boundSchema(schema, 20)).toBeUndefined()
  })
})

test.each<[JsonValue, unknown, boolean]>([
  [[{ a: 1, b: [true, null] }], [{ a: 1, b: [true, null], c: undefined }], true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [1], false],
  [[1], { 0: 1 }, false],
])('whether %j is %j: %s', (copy, value, expected) => {
  expect(isSameJson(copy, value)).toBe(expected)
})
