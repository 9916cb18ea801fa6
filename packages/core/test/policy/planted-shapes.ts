import * as fc from 'fast-check'
import type { JsonValue } from '../../src/shape/json.ts'
import type { PlantedSecret } from './secrets.ts'

const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'full-width': (text) =>
    text.replaceAll(/[!-~]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) + 0xfee0)),
  'zero-width characters': (text) => Array.from(text).join('\u200b'),
  'combining characters': (text) => Array.from(text, (unit) => `${unit}\u0332`).join(''),
  'escapes of JSON': (text) => escaped(text),
  'escapes of JSON in JSON': (text) => escaped(text).replaceAll('\\', '\\\\'),
}

function escaped(text: string): string {
  return text.replaceAll(
    /[\s\S]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A text with a secret in it, as people, models and programs write it. */
export function textWith({ text }: PlantedSecret): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('', 'It is ', '😀 ', '語 ', 'x="', 'line\\n', 'Error 400: {"message": "'),
      fc.constantFrom('', ' here', '\n', '"', '"}', '\\n…'),
      fc.constantFrom(...Object.values(SPELLINGS)),
      fc.constantFrom('text', 'json', 'json in json', 'json after words'),
    )
    .map(([before, after, spell, form]) => {
      const words = `${before}${spell(text)}${after}`
      const json = JSON.stringify({ a: [words] })
      switch (form) {
        case 'json':
          return json
        case 'json in json':
          return JSON.stringify({ b: json }, undefined, 1)
        case 'json after words':
          return `answered 400: ${json}`
        case 'text':
        default:
          return words
      }
    })
}

/** A value of any shape with a text somewhere in it: as a leaf, a key, in JSON inside strings, in the parts of a message. */
export function valueWith(text: string): fc.Arbitrary<JsonValue> {
  const layers = fc.array(
    fc.constantFrom('list', 'object', 'key', 'json', 'pretty', 'parts', 'tool'),
    { maxLength: 6 },
  )
  const others = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), {
    maxKeys: 2,
  })
  return fc
    .tuple(layers, others)
    .map(([names, around]) =>
      names.reduce<JsonValue>(
        (value, layer) => wrap(value, layer, around as { [key: string]: JsonValue }),
        text,
      ),
    )
}

function wrap(value: JsonValue, layer: string, others: { [key: string]: JsonValue }): JsonValue {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  switch (layer) {
    case 'list':
      return [1, value, null]
    case 'object':
      return { ...others, value }
    case 'key':
      return typeof value === 'string' ? { [value]: true } : { value }
    case 'json':
      return JSON.stringify({ value })
    case 'pretty':
      return JSON.stringify([value, 1.5], null, 2)
    case 'tool':
      return [{ role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: value }] }]
    default:
      return [{ role: 'user', parts: [{ type: 'text', content: words }] }]
  }
}

/** Whether a reader finds the secret in a value: in its JSON, with every escape undone and every disguise taken off. */
export function reads(value: unknown, secret: PlantedSecret): boolean {
  return found(value, [secret]).length > 0
}

/** The secrets of a list that a reader finds in a value. */
export function found(value: unknown, secrets: readonly PlantedSecret[]): PlantedSecret[] {
  const seen = readings(value)
  return secrets.filter(({ text, secret = text }) => {
    const wanted = undisguised(secret)
    return seen.some((reading) => reading.includes(wanted))
  })
}

/* One for each layer of escapes. */
function readings(value: unknown): string[] {
  const layers = [undisguised(JSON.stringify(value) ?? '')]
  for (let depth = 0; depth < 16; depth += 1) {
    const latest = layers.at(-1) ?? ''
    const next = undisguised(unescaped(latest))
    if (next === latest) {
      break
    }
    layers.push(next)
  }
  return layers
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([\da-f]{4})|([\s\S]))/gi, (_, code?: string, unit?: string) => {
    if (code !== undefined) {
      return String.fromCharCode(Number.parseInt(code, 16))
    }
    return unit === 'n' ? '\n' : (unit ?? '')
  })
}

function undisguised(text: string): string {
  return text.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}]/gu, '')
}
