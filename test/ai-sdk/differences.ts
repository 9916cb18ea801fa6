/*
 * Where a version of the SDK behaves otherwise or cannot tell, and why. Everything that is not named here is the same in
 * all of them.
 */

/** One difference: in which sets, what their tree is (or that the scenario does not exist there), and why. */
export interface Difference {
  /** Beginnings of set names: `4.` is every version 4. */
  readonly sets: readonly string[]
  /** `undefined` where the version has nothing of the kind. */
  readonly tree: string | undefined
  readonly reason: string
}

const LLM = 'llm chat gpt-4o-mini · ok · 20 in, 5 out'

const NO_AGENTS = 'version 4 has no agents'
const NO_IDS = 'version 4 takes models alone, no ids'
const NO_APPROVALS = 'approvals came with version 6'
const NO_GENERATORS =
  'a tool that yields came with a later 5.0; before, the generator itself is the result'
const NO_PROVIDER_TOOLS = 'specification version 1 has no such tools'
const NO_TOOL_CALLERS = 'tools that call or find tools came with a later 7.0'
const NO_TIME_LIMITS = 'time limits came with a later 6.0, those of tools with 7'
const TOOL_FAILS_ALL = 'version 4 fails the whole call when a tool does (AI_ToolExecutionError)'

function firstStepFails(name: string, error: string, tool: string): string {
  return `${name} · error (${error}) · 20 in, 5 out\n├─ ${LLM}\n└─ tool ${tool}`
}

const TOOL_ERROR =
  'AI_ToolExecutionError: Error executing tool weather: no such city; caused by TypeError: no such city'
const NO_SUCH_TOOL =
  "AI_NoSuchToolError: Model tried to call unavailable tool 'nope'. Available tools: weather."
const INVALID_INPUT = 'AI_InvalidToolInputError: Invalid input for tool weather: …'
const INVALID_ARGUMENTS = 'AI_InvalidToolArgumentsError: Invalid arguments for tool weather: …'

const OWN_ABORT = 'AbortError: This operation was aborted'
const OWN_TIMEOUT = 'TimeoutError: The operation was aborted due to timeout'
const ANOTHER_STEP = 'this version begins another step after the abort'

function ownStopFails(error: string): string {
  const [, message] = error.split(': ')
  // A tree shows the first 120 characters of an error.
  const whole = `AI_ToolExecutionError: Error executing tool weather: ${message}; caused by ${error}`
  return ['streamText', 'generateText']
    .map((name) => firstStepFails(name, whole.slice(0, 120), `weather · error (${error})`))
    .join('\n')
}

function stoppedInTool(name: string, status: string): string {
  return `${name} · ${status} · 20 in, 5 out
├─ ${LLM}
├─ tool weather · ${status}
└─ llm chat gpt-4o-mini · ${status}`
}

const NO_SIGNAL =
  'version 4 fails the whole call with the error of the tool, and a tracer does not see the signal'

function toolErrorOfEngine(error: string, toolError?: string): string {
  const [, message] = error.split(': ')
  const whole = `AI_ToolExecutionError: Error executing tool weather: ${message}`
  return firstStepFails('answer', whole, `weather · error (${toolError ?? whole})`)
}

/** All differences, by the name of the scenario. */
const differences: Readonly<Record<string, readonly Difference[]>> = {
  'a stream of which only the promised text is awaited': [
    {
      sets: ['4.', '5.0.0'],
      tree: undefined,
      reason: 'awaiting a promise of the result reads nothing there, so it would wait for ever',
    },
  ],
  'a reader that breaks off': [
    {
      sets: ['4.', '5.0.0'],
      tree: `streamText · incomplete · 20 in, 5 out\n└─ ${LLM}`,
      reason: 'the iterator of these streams has no `return`, so a `break` is seen by nobody',
    },
  ],
  'a stream that nobody reads asks the provider for no more': [
    {
      sets: ['4.', '5.', '6.'],
      tree: `streamText · incomplete · 20 in, 5 out\n└─ ${LLM}`,
      reason: 'these versions read ahead, without us too, whether somebody reads or not',
    },
  ],
  'an abort that a tool does not listen to': [
    {
      sets: ['4.', '5.0.0'],
      tree: `streamText · cancelled · 20 in, 5 out
├─ ${LLM}
├─ tool weather · cancelled
└─ llm chat gpt-4o-mini · cancelled`,
      reason: 'these versions begin another step after the abort',
    },
  ],
  'an abort while three tools run': [
    {
      sets: ['5.0.0'],
      tree: `streamText · cancelled · 20 in, 5 out
├─ ${LLM}
├─ tool weather · cancelled
├─ tool weather · cancelled
├─ tool weather · ok
└─ llm chat gpt-4o-mini · cancelled`,
      reason: '5.0.0 begins another step after the abort',
    },
  ],
  'a model that fails with every attempt': [
    {
      sets: ['7.'],
      tree: `generateText · error (AI_RetryError: Failed after 2 attempts. Last error: AI_APICallError: overloaded)
├─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)
└─ llm chat gpt-4o-mini · error (AI_APICallError: overloaded)`,
      reason: 'version 7 names the last error in the message',
    },
  ],
  'a tool that throws in generateText': [
    {
      sets: ['4.'],
      tree: firstStepFails('generateText', TOOL_ERROR, 'weather · error (TypeError: no such city)'),
      reason: TOOL_FAILS_ALL,
    },
  ],
  'a tool that throws in streamText': [
    {
      sets: ['4.'],
      tree: firstStepFails('streamText', TOOL_ERROR, 'weather · error (TypeError: no such city)'),
      reason: TOOL_FAILS_ALL,
    },
  ],
  'a call with a wrong input and one of an unknown tool': [
    {
      sets: ['4.'],
      tree: firstStepFails(
        'generateText',
        INVALID_ARGUMENTS,
        `weather · error (${INVALID_ARGUMENTS})`,
      ),
      reason: 'version 4 fails the whole call with the first of them',
    },
    {
      sets: ['5.0.0'],
      tree: firstStepFails('generateText', NO_SUCH_TOOL, `nope · error (${NO_SUCH_TOOL})`),
      reason: '5.0.0 fails the whole call with one of them',
    },
  ],
  'the same in a stream': [
    {
      sets: ['4.'],
      tree: firstStepFails(
        'streamText',
        INVALID_ARGUMENTS,
        `weather · error (${INVALID_ARGUMENTS})`,
      ),
      reason: 'version 4 ends with the first of them',
    },
    {
      sets: ['5.0.0'],
      tree: firstStepFails('streamText', INVALID_INPUT, `weather · error (${INVALID_INPUT})`),
      reason: '5.0.0 ends with the first of them',
    },
  ],
  'two calls of one id, and two readers who hear of the first that it failed': [
    { sets: ['4.', '5.0.0'], tree: undefined, reason: 'the first failure ends the call there' },
  ],
  'generateText with an output schema that does not fit': [
    {
      sets: ['4.'],
      tree: `generateText · ok · 20 in, 5 out\n└─ ${LLM}`,
      reason: 'version 4 looks at the answer when the program asks for the object, after the call',
    },
  ],
  'a tool that yields preliminary results': [
    { sets: ['4.', '5.0.0'], tree: undefined, reason: NO_GENERATORS },
  ],
  'a step that chooses another model': [
    { sets: ['4.1.'], tree: undefined, reason: '`experimental_prepareStep` came with 4.2' },
  ],
  'a tool that the provider executes, generateText': [
    { sets: ['4.'], tree: undefined, reason: NO_PROVIDER_TOOLS },
  ],
  'a tool that the provider executes, streamText': [
    { sets: ['4.'], tree: undefined, reason: NO_PROVIDER_TOOLS },
  ],
  'a search for tools, generateText': [
    { sets: ['4.', '5.', '6.', '7.0.0'], tree: undefined, reason: NO_TOOL_CALLERS },
  ],
  'a search for tools, streamText': [
    { sets: ['4.', '5.', '6.', '7.0.0'], tree: undefined, reason: NO_TOOL_CALLERS },
  ],
  'tools that are called by another tool': [
    { sets: ['4.', '5.', '6.', '7.0.0'], tree: undefined, reason: NO_TOOL_CALLERS },
  ],
  'engine: a tool that the provider executes': [
    { sets: ['4.'], tree: undefined, reason: NO_PROVIDER_TOOLS },
  ],
  'engine: the same in a stream': [{ sets: ['4.'], tree: undefined, reason: NO_PROVIDER_TOOLS }],
  'engine: a tool of the provider that answers in a later step': [
    { sets: ['4.', '5.'], tree: undefined, reason: 'version 5 refuses a result without its call' },
  ],
  'engine: the same in a stream that answers in a later step': [
    { sets: ['4.', '5.'], tree: undefined, reason: 'version 5 refuses a result without its call' },
  ],
  'engine: a search for tools': [
    { sets: ['4.', '5.', '6.', '7.0.0'], tree: undefined, reason: NO_TOOL_CALLERS },
  ],
  'a call that a person allows': [{ sets: ['4.', '5.'], tree: undefined, reason: NO_APPROVALS }],
  'a call that a person refuses': [{ sets: ['4.', '5.'], tree: undefined, reason: NO_APPROVALS }],
  'a call in a stream that a person allows': [
    { sets: ['4.', '5.'], tree: undefined, reason: NO_APPROVALS },
  ],
  'a call in a stream that a person refuses': [
    { sets: ['4.', '5.'], tree: undefined, reason: NO_APPROVALS },
  ],
  'texts that are ranked anew': [
    { sets: ['4.', '5.'], tree: undefined, reason: 'reranking came with version 6' },
  ],
  'one agent in ten runs at once': [{ sets: ['4.'], tree: undefined, reason: NO_AGENTS }],
  'an agent that streams': [{ sets: ['4.'], tree: undefined, reason: NO_AGENTS }],
  'a model by its id': [{ sets: ['4.'], tree: undefined, reason: NO_IDS }],
  'a model by its id, with no provider at hand, generated': [
    { sets: ['4.'], tree: undefined, reason: NO_IDS },
  ],
  'a model by its id, with no provider at hand, streamed': [
    { sets: ['4.'], tree: undefined, reason: NO_IDS },
  ],
  'engine: a call of an unknown tool': [
    {
      sets: ['4.', '5.0.0'],
      tree: `answer · error (${NO_SUCH_TOOL}) · 20 in, 5 out\n└─ ${LLM}`,
      reason: 'the whole call fails, and its error does not say which call it was',
    },
    {
      sets: ['5.', '6.'],
      tree: `answer · ok · 40 in, 10 out
├─ ${LLM}
├─ tool nope · error (${NO_SUCH_TOOL.replace('AI_NoSuchToolError', 'Error')})
└─ ${LLM}`,
      reason: 'the text in the next prompt is all that a tracer sees of the error',
    },
  ],
  'engine: a tool that stops by an abort of its own': [
    { sets: ['4.1.'], tree: toolErrorOfEngine(OWN_ABORT), reason: TOOL_FAILS_ALL },
    { sets: ['4.'], tree: toolErrorOfEngine(OWN_ABORT, OWN_ABORT), reason: TOOL_FAILS_ALL },
  ],
  'engine: a tool that stops by a time limit of its own': [
    { sets: ['4.1.'], tree: toolErrorOfEngine(OWN_TIMEOUT), reason: TOOL_FAILS_ALL },
    { sets: ['4.'], tree: toolErrorOfEngine(OWN_TIMEOUT, OWN_TIMEOUT), reason: TOOL_FAILS_ALL },
  ],
  'engine: an abort while a tool runs': [
    { sets: ['4.1.'], tree: toolErrorOfEngine(OWN_ABORT), reason: NO_SIGNAL },
    { sets: ['4.'], tree: toolErrorOfEngine(OWN_ABORT, OWN_ABORT), reason: NO_SIGNAL },
    {
      sets: ['5.0.0', '6.0.0', '7.0.0'],
      tree: stoppedInTool('answer', 'cancelled'),
      reason: ANOTHER_STEP,
    },
  ],
  'engine: a time limit while a tool runs': [
    { sets: ['4.1.'], tree: toolErrorOfEngine(OWN_TIMEOUT), reason: NO_SIGNAL },
    { sets: ['4.'], tree: toolErrorOfEngine(OWN_TIMEOUT, OWN_TIMEOUT), reason: NO_SIGNAL },
    {
      sets: ['5.0.0', '6.0.0', '7.0.0'],
      tree: stoppedInTool('answer', `error (${OWN_TIMEOUT})`),
      reason: ANOTHER_STEP,
    },
  ],
  'engine: a time limit of a stream': [
    {
      sets: ['4.'],
      tree: 'answer · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
      reason: 'version 4 never ends the spans of a stream that was aborted',
    },
    {
      sets: ['5.', '6.'],
      tree: 'answer · cancelled\n└─ llm chat gpt-4o-mini · cancelled',
      reason: 'the spans of these versions end, and say nothing of what stopped the stream',
    },
  ],
  'engine: a stream that is aborted': [
    {
      sets: ['4.'],
      tree: 'answer · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
      reason: 'version 4 never ends the spans of a stream that was aborted',
    },
  ],
  'engine: a stream of an object with an error part': [
    {
      sets: ['4.1.'],
      tree: 'answer · incomplete\n└─ llm chat gpt-4o-mini · incomplete',
      reason: 'version 4.1 never ends the spans of such a stream',
    },
    {
      sets: ['7.0.0'],
      tree: `answer · error (AI_NoObjectGeneratedError: No object generated: could not parse the response.; caused by AI_JSONParseError: JSON parsing) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: the provider reported an error in its stream) · 20 in, 5 out`,
      reason: '7.0.0 reports what the text came to, not the error',
    },
    {
      sets: ['4.', '5.', '6.'],
      tree: `answer · error (Error: the provider reported an error in its stream) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: the provider reported an error in its stream) · 20 in, 5 out`,
      reason: 'the error itself is in no span before version 7',
    },
  ],
  'engine: a stream with an error part': [
    {
      sets: ['4.', '5.', '6.'],
      tree: `answer · error (Error: the provider reported an error in its stream) · 20 in, 5 out
└─ llm chat gpt-4o-mini · error (Error: the provider reported an error in its stream) · 20 in, 5 out`,
      reason: 'the error itself is told to no span before version 7',
    },
  ],
  'a tool that stops by an abort of its own': [
    { sets: ['4.'], tree: ownStopFails(OWN_ABORT), reason: TOOL_FAILS_ALL },
  ],
  'a tool that stops by a time limit of its own': [
    { sets: ['4.'], tree: ownStopFails(OWN_TIMEOUT), reason: TOOL_FAILS_ALL },
  ],
  'an abort while a tool runs, generateText': [
    {
      sets: ['5.0.0', '6.0.0', '7.0.0'],
      tree: stoppedInTool('generateText', 'cancelled'),
      reason: ANOTHER_STEP,
    },
  ],
  'a time limit while a tool runs, generateText': [
    {
      sets: ['5.0.0', '6.0.0', '7.0.0'],
      tree: stoppedInTool('generateText', `error (${OWN_TIMEOUT})`),
      reason: ANOTHER_STEP,
    },
  ],
  'an abort while a tool runs, streamText': [
    { sets: ['5.0.0'], tree: stoppedInTool('streamText', 'cancelled'), reason: ANOTHER_STEP },
  ],
  'a time limit while a tool runs, streamText': [
    {
      sets: ['5.0.0'],
      tree: stoppedInTool('streamText', `error (${OWN_TIMEOUT})`),
      reason: ANOTHER_STEP,
    },
  ],
  'the time limit totalMs of generateText': [
    { sets: ['4.', '5.', '6.0.0'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'the time limit stepMs of generateText': [
    { sets: ['4.', '5.', '6.0.0'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'the time limit totalMs of streamText': [
    { sets: ['4.', '5.', '6.0.0'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'the time limit stepMs of streamText': [
    { sets: ['4.', '5.', '6.0.0'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'the time limit chunkMs of streamText': [
    { sets: ['4.', '5.', '6.0.0'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'a time limit for the tools of generateText': [
    { sets: ['4.', '5.', '6.'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'a time limit for the tools of streamText': [
    { sets: ['4.', '5.', '6.'], tree: undefined, reason: NO_TIME_LIMITS },
  ],
  'a model of the specification before': [
    {
      sets: ['4.', '5.', '6.'],
      tree: undefined,
      reason: 'only version 7 brings mocks of two versions; the provider matrix has the rest',
    },
  ],
}

/** What is expected of a scenario in a set. */
export function expectedTree(set: string, scenario: string, tree: string): string | undefined {
  const found = differenceOf(set, scenario)
  return found === undefined ? tree : found.tree
}

/** True where a version has nothing of what the scenario is about. */
export function isMissing(set: string, scenario: string): boolean {
  const found = differenceOf(set, scenario)
  return found !== undefined && found.tree === undefined
}

function differenceOf(set: string, scenario: string): Difference | undefined {
  return differences[scenario]?.find(({ sets }) => sets.some((prefix) => set.startsWith(prefix)))
}

/** A tree without the messages of validators, which differ from version to version. */
export function shorten(tree: string): string {
  return tree.replaceAll(
    /(Invalid (?:input|arguments) for tool weather: |did not match schema\.)[^)]*?(?=\)( ·|\n|$))/g,
    '$1…',
  )
}
