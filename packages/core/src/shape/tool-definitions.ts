import type { JsonObject, JsonValue } from './json.ts'
import { type Fields, isList, isObject, isRecord, isText, read, readText } from './read.ts'

/** A tool that a model may call, in the shape of `gen_ai.tool.definitions` of the GenAI conventions. */
export interface ToolDefinition {
  readonly type: string
  readonly name: string
  readonly description?: string | undefined
  /** A JSON Schema of the arguments. */
  readonly parameters?: unknown
}

/* More tools than that are beyond what a provider takes, and are not looked at. */
const MOST_TOOLS = 1000

/**
 * The definitions in a list of tools, in the forms that providers and frameworks use (OpenAI, Anthropic, Google, Bedrock, the
 * AI SDK, LangChain, LlamaIndex). The settings of a provider's own tools are left out, since they hold credentials.
 */
export function mapToolDefinitions(tools: unknown): ToolDefinition[] {
  return isList(tools) ? tools.slice(0, MOST_TOOLS).flatMap((tool) => mapTool(tool)) : []
}

function mapTool(tool: unknown): ToolDefinition[] {
  if (isText(tool)) {
    return [{ type: 'function', name: tool }]
  }
  if (!isObject(tool)) {
    return []
  }
  const declarations = tool['functionDeclarations'] ?? tool['function_declarations']
  if (isList(declarations)) {
    return declarations.flatMap((declaration) => mapTool(declaration))
  }
  const holder = [tool['function'], tool['toolSpec'], tool['metadata']].find(isNamed) ?? tool
  const type = readText(tool, 'type')
  const name = readText(holder, 'name') ?? type
  if (name === undefined) {
    return []
  }
  const parameters = parametersOf(holder)
  const isFunction = type === undefined || type === 'custom' || parameters !== undefined
  return [
    {
      type: isFunction ? 'function' : type,
      name,
      description: readText(holder, 'description'),
      parameters,
    },
  ]
}

function isNamed(value: unknown): value is Fields {
  return isObject(value) && isText(value['name'])
}

function parametersOf(tool: Fields): unknown {
  return [
    tool['parameters'],
    tool['inputSchema'],
    tool['input_schema'],
    tool['schema'],
    read(tool['inputSchema'], 'json'),
    tool['parametersJsonSchema'],
  ].find((schema) => isJsonSchema(schema))
}

/* Zod's own, and Valibot's. Both also give JSON Schemas the key `~standard`. */
const LIBRARY_KEYS = ['_def', '_zod', '~run']

/** True for a JSON Schema, and false for a schema of a library such as Zod. */
export function isJsonSchema(value: unknown): value is Fields {
  return (
    isRecord(value) &&
    !LIBRARY_KEYS.some((key) => key in value) &&
    ['type', 'properties', '$ref', '$schema', 'anyOf', 'oneOf', 'allOf'].some((key) => key in value)
  )
}

/**
 * The definitions within a number of bytes of JSON: schemas of parameters are left out first, the largest before the
 * others, then descriptions, and the last names only where the names alone are too many.
 */
export function boundToolDefinitions(value: JsonValue, maxBytes: number): JsonValue {
  if (!isDefinitionList(value) || jsonLength(value) <= maxBytes) {
    return value
  }
  const names = without(without(value, 'parameters', maxBytes), 'description', maxBytes)
  let bytes = jsonLength(names)
  let kept = names.length
  while (kept > 0 && bytes > maxBytes) {
    kept -= 1
    bytes = jsonLength(names.slice(0, kept)) + MORE_LENGTH
  }
  return kept === names.length
    ? names
    : [...names.slice(0, kept), { type: 'truncated', name: `… ${names.length - kept} more` }]
}

/** A JSON Schema within a number of bytes: of one that is too large the names of its properties, or nothing. */
export function boundSchema(value: JsonValue, maxBytes: number): JsonValue | undefined {
  if (jsonLength(value) <= maxBytes) {
    return value
  }
  const properties = isJsonObject(value) ? value['properties'] : undefined
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const short = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) }
  return names.length > 0 && jsonLength(short) <= maxBytes ? short : undefined
}

const MORE_LENGTH = 48

/* Without the largest values of that key, until the rest fits. */
function without(
  definitions: readonly JsonObject[],
  key: string,
  maxBytes: number,
): readonly JsonObject[] {
  let bytes = jsonLength(definitions)
  if (bytes <= maxBytes) {
    return definitions
  }
  const sizes = definitions
    .map((definition, index) => ({ index, size: jsonLength(definition[key] ?? '') }))
    .toSorted((one, other) => other.size - one.size)
  const dropped = new Set<number>()
  for (const { index, size } of sizes) {
    if (bytes <= maxBytes) {
      break
    }
    dropped.add(index)
    bytes -= size
  }
  return definitions.map((definition, index) => {
    const { [key]: _, ...rest } = definition
    return dropped.has(index) ? rest : definition
  })
}

/** True where a value is what a copy of it was: a cheaper question than another copy. */
export function isSameJson(copy: JsonValue | undefined, value: unknown, depth = 0): boolean {
  if (copy === value) {
    return true
  }
  if (typeof copy !== 'object' || copy === null || !isObject(value) || depth > DEEPEST) {
    return false
  }
  if (Array.isArray(copy) || isList(value)) {
    return (
      Array.isArray(copy) &&
      isList(value) &&
      copy.length === value.length &&
      copy.every((item: JsonValue, index) => isSameJson(item, value[index], depth + 1))
    )
  }
  return isSameObject(copy, value, depth)
}

function isSameObject(copy: JsonValue, value: Fields, depth: number): boolean {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return (
    isJsonObject(copy) &&
    keys.length === Object.keys(copy).length &&
    keys.every((key) => isSameJson(copy[key], value[key], depth + 1))
  )
}

const DEEPEST = 50

function isDefinitionList(value: JsonValue): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isRecord)
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isRecord(value)
}

function jsonLength(value: JsonValue): number {
  return JSON.stringify(value).length
}
