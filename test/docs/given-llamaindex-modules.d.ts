/* What the examples of the documents use of LlamaIndex, which is installed in its version sets alone. */

declare module 'llamaindex' {
  export const Settings: { llm: object; embedModel: object; callbackManager: object }
}

declare module '@llamaindex/core/global' {
  export const Settings: { llm: object; embedModel: object; callbackManager: object }
}

declare module '@llamaindex/openai' {
  export class OpenAI {
    constructor(options: { model: string; additionalChatOptions?: object })
    readonly model: string
  }
  export class OpenAIEmbedding {
    readonly model: string
  }
}

declare module '@llamaindex/workflow' {
  export function agent(options: { name: string; llm: object; tools: readonly object[] }): {
    run(input: string): Promise<object>
  }
}
