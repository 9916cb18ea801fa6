/** Where the agents find their model: the real provider, or the scripted one on loopback. */
export interface Provider {
  readonly apiKey: string
  /** `undefined` for the real one. */
  readonly baseUrl: string | undefined
}

/** The model that every agent of the demo uses. */
export const MODEL = 'gpt-4o-mini'
