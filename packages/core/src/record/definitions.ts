import { attributes } from '../shape/attributes.ts'
import type { JsonObject, JsonValue } from '../shape/json.ts'
import { snapshot } from '../shape/safe-json.ts'
import {
  boundSchema,
  boundToolDefinitions,
  isJsonSchema,
  isSameJson,
  mapToolDefinitions,
} from '../shape/tool-definitions.ts'

/** Entries for the metadata of a model call. */
export type KeptDefinitions = JsonObject

/* A program has few lists of tools. They are part of the program, so that a few may stay in memory. */
const MOST_KNOWN = 8
const LARGEST_KNOWN = 128 * 1024
const LARGEST_COPY = 1024 * 1024

/**
 * Copies of tool definitions and response schemas. Every step of a turn brings the same again, often as other objects, so a
 * value that equals a recent one gets the copy of that one.
 */
export class Definitions {
  readonly #maxBytes: number
  /* Copies as they were made, and within the limit. */
  #known: { readonly whole: JsonValue; readonly kept: JsonValue }[] = []

  /** @param maxBytes - bytes of one value as JSON; 0 keeps none */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Copies of the tools and the schema that are given; `undefined` without either, or when none are recorded. */
  keep({
    tools,
    responseSchema,
  }: {
    readonly tools?: unknown
    readonly responseSchema?: unknown
  }): KeptDefinitions | undefined {
    const definitions = tools === undefined ? undefined : this.#tools(tools)
    const schema = responseSchema === undefined ? undefined : this.#schema(responseSchema)
    return definitions === undefined && schema === undefined
      ? undefined
      : {
          ...(definitions !== undefined && { [attributes.toolDefinitions]: definitions }),
          ...(schema !== undefined && { [attributes.responseSchema]: schema }),
        }
  }

  #tools(tools: unknown): JsonValue | undefined {
    const definitions = this.#maxBytes <= 0 ? [] : mapToolDefinitions(tools)
    return definitions.length === 0
      ? undefined
      : this.#copy(definitions, (copy) => boundToolDefinitions(copy, this.#maxBytes))
  }

  #schema(schema: unknown): JsonValue | undefined {
    return this.#maxBytes > 0 && isJsonSchema(schema)
      ? this.#copy(schema, (copy) => boundSchema(copy, this.#maxBytes))
      : undefined
  }

  #copy(value: object, bound: (copy: JsonValue) => JsonValue | undefined): JsonValue | undefined {
    const known = this.#known.find(({ whole }) => isSameJson(whole, value))
    if (known !== undefined) {
      return known.kept
    }
    const { value: whole, bytes } = snapshot(value, { maxBytes: LARGEST_COPY })
    const kept = bound(whole)
    if (kept !== undefined && bytes <= LARGEST_KNOWN) {
      this.#known = [{ whole, kept }, ...this.#known.slice(0, MOST_KNOWN - 1)]
    }
    return kept
  }
}
