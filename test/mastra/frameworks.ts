/** A span of Mastra's, in the hands of a tool. */
export type Context = Readonly<Record<string, unknown>> & {
  readonly mastra?: MastraLike
  readonly tracingContext?: unknown
  /** Since 1.10. */
  readonly loggerVNext?: { warn(message: string, data?: object): void }
}

/** What an agent answers. */
export interface Answer {
  readonly text?: string
  readonly object?: unknown
  readonly traceId?: string
  readonly spanId?: string
  readonly finishReason?: string
}

/** A stream of an answer. */
export interface AnswerStream {
  readonly runId: string
  readonly traceId?: string
  readonly spanId?: string
  readonly fullStream: AsyncIterable<{ readonly type: string }>
  readonly textStream: AsyncIterable<string>
}

/** An agent, as far as scenarios use it. */
export interface AgentLike {
  generate(input: unknown, options?: object): Promise<Answer>
  generateLegacy(input: unknown, options?: object): Promise<Answer>
  stream(input: unknown, options?: object): Promise<AnswerStream>
  streamLegacy(input: unknown, options?: object): Promise<Pick<AnswerStream, 'textStream'>>
  network(input: unknown, options?: object): Promise<AsyncIterable<{ readonly type: string }>>
  approveToolCall(options: object): Promise<AnswerStream>
  declineToolCall(options: object): Promise<AnswerStream>
}

/** An agent whose loop is a workflow that survives its process. */
export interface DurableAgentLike {
  stream(input: unknown, options?: object): Promise<DurableStream>
}

/** A stream of such an agent. */
export interface DurableStream {
  readonly output: Pick<AnswerStream, 'fullStream'>
  cleanup(): void
}

/** A run of a workflow. */
export interface WorkflowRun {
  readonly runId: string
  start(options: object): Promise<WorkflowResult>
  resume(options: object): Promise<WorkflowResult>
  cancel(): Promise<void>
}

/** What a workflow returns. */
export interface WorkflowResult {
  readonly status: string
  readonly result?: unknown
  readonly traceId?: string
  readonly spanId?: string
}

/** A workflow, which is named as it is built. */
export interface WorkflowLike {
  createRun(options?: object): Promise<WorkflowRun> | WorkflowRun
  createRunAsync?(options?: object): Promise<WorkflowRun>
  then(step: object): WorkflowLike
  parallel(steps: readonly object[]): WorkflowLike
  branch(branches: readonly (readonly [condition: unknown, step: object])[]): WorkflowLike
  map(mapping: unknown): WorkflowLike
  foreach(step: object, options?: object): WorkflowLike
  dowhile(step: object, condition: unknown): WorkflowLike
  sleep(milliseconds: number): WorkflowLike
  commit(): WorkflowLike
}

/** An instance of Mastra. */
export interface MastraLike {
  getAgent(name: string): AgentLike
  getWorkflow(name: string): WorkflowLike
  readonly observability?: {
    flush?(): Promise<void>
    addFeedback?(feedback: object): Promise<void>
  }
  shutdown?(): Promise<void>
}

/** The memory of an agent. */
export interface MemoryLike {
  readonly threadConfig: object
  getThreadById(thread: object): Promise<{ readonly title?: string } | null>
}

/** The schemas that scenarios need. */
export interface Zod {
  any(): object
  string(): object
  number(): object
  object(shape: Readonly<Record<string, object>>): object
}

/** The modules of one set of versions: what a scenario uses is there in every set, or the scenario is told to be absent. */
export interface VersionSet {
  readonly name: string
  readonly Agent: new (options: object) => AgentLike
  readonly Mastra: new (options: object) => MastraLike
  readonly createTool: (options: object) => object
  readonly createStep: (options: object) => object
  readonly createWorkflow: (options: object) => WorkflowLike
  readonly createScorer: (options: object) => { generateScore(score: () => number): object }
  readonly InMemoryStore: new (options: object) => object
  readonly z: Zod
  /** Since version 1. */
  readonly Observability?: new (options: object) => object
  readonly MockMemory?: new (options?: object) => MemoryLike
  /** Version 0.24 observes with the first configuration of the process alone, until it is told to forget it. */
  readonly clearAITracingRegistry?: () => void
  /** Since 1.30. */
  readonly getCurrentSpan?: () => unknown
  /** A processor that keeps answers of models, and what it keeps them in. */
  readonly ResponseCache?: new (options: object) => object
  readonly InMemoryServerCache?: new () => object
  readonly createDurableAgent?: (options: { readonly agent: AgentLike }) => DurableAgentLike
}

/** Loads the set of that name, which must be installed. */
export async function loadSet(name: string): Promise<VersionSet> {
  const frameworks = (await import(`./${name}/frameworks.js`)) as Omit<VersionSet, 'name'>
  return { ...frameworks, name }
}

/** The set that this run of the tests is about. */
export const setName = process.env['MASTRA_SET'] ?? 'newest'
