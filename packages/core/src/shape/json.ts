/** Plain data: what `JSON.stringify` writes without loss. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}
