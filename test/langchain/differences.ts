import { LLM, type Scenario } from './scenarios/scenario.ts'

/** What a set of versions shows of a scenario instead, and why. */
export interface Difference {
  readonly scenario: string
  /** The sets that differ. */
  readonly sets: readonly string[]
  readonly because: string
  /** What is to be seen there; without it the scenario cannot be played there at all. */
  readonly trees?: readonly string[]
}

const CORE_0_3 = ['core-0.3-langgraph-0.2', 'core-0.3-langgraph-0.4']
const UNTIL_1_1 = [...CORE_0_3, 'core-1.0', 'core-1.1']
const BEFORE_NEWEST = [...UNTIL_1_1, 'core-1.2-zod-3']
const SINCE_1_0 = ['core-1.0', 'core-1.1', 'core-1.2-zod-3', 'newest']

const NO_REASON = 'LangGraph before 0.4 hands on a signal without its reason'
const NO_CREATE_AGENT = 'createAgent and its middleware came with langchain 1.0'

/** Every difference between the sets. What is not listed is the same in all of them. */
const DIFFERENCES: readonly Difference[] = [
  ...[
    'createAgent, two model calls and three tools at once',
    'createAgent, streamed as messages',
    'tools that throw, in createAgent',
    'invalid arguments and an unknown tool, in createAgent',
    'a tool in whose place middleware answers',
    'middleware that ends the turn before its model is called',
    'middleware that ends the turn after its model has answered',
    'middleware that ends the turn in the place of its model',
    'middleware that throws at what it guards against',
    'an approval: approved',
    'an approval: edited',
    'an approval: rejected',
    'a model in whose place middleware asks another',
    'middleware that summarizes',
    'a response by toolStrategy, after an attempt that does not fit',
    'a response by toolStrategy, whose host writes the messages',
    'a response by toolStrategy in an agent that is a node',
  ].map((scenario) => ({ scenario, sets: CORE_0_3, because: NO_CREATE_AGENT })),
  ...[
    'a retrieval chain that rephrases the question',
    'a retrieval chain with a bound retriever',
  ].map((scenario) => ({
    scenario,
    sets: SINCE_1_0,
    because: 'these chains left langchain with 1.0, for @langchain/classic',
  })),
  {
    scenario: 'a tool and a model that middleware tries again',
    sets: [...CORE_0_3, 'core-1.0'],
    because: 'the middleware that tries again came with langchain 1.1',
  },
  {
    scenario: 'streamed as protocol events',
    sets: UNTIL_1_1,
    because: 'protocol events (`streamEvents` of version v3) came with LangGraph 1.3',
  },
  {
    scenario: 'a deep agent that hands a task to another',
    sets: BEFORE_NEWEST,
    because: 'deepagents is installed in the newest set alone, for it follows the newest langchain',
  },
  {
    scenario: 'an AgentExecutor',
    sets: SINCE_1_0,
    because: 'AgentExecutor left langchain with 1.0, for @langchain/classic',
  },
  {
    scenario: 'a pause before a node',
    sets: UNTIL_1_1,
    because:
      'no callback tells of it before LangGraph 1.4.17, and the graph ends as if it were done',
    trees: ['Steps · ok\n└─ other a · ok', 'Steps · ok\n└─ other b · ok'],
  },
  {
    scenario: 'invalid arguments and an unknown tool, in createAgent',
    sets: ['core-1.0'],
    because:
      'an unknown tool makes createAgent of langchain 1.0 throw (langchain-ai/langchainjs#9850)',
    trees: [
      `\
support · error (Error: Tool "nothing" not found.) · 20 in, 5 out
├─ ${LLM}
└─ other tools · error (Error: Tool "nothing" not found.)`,
    ],
  },
  {
    scenario: "a graph's stream that is left",
    sets: BEFORE_NEWEST,
    because:
      'LangGraph before 1.7.3 lets the graph run on when its reader leaves, and never ends it',
    trees: [`support · incomplete · 20 in, 5 out\n└─ ${LLM}`],
  },
  {
    scenario: 'the time limit of a node',
    sets: UNTIL_1_1,
    because: 'time limits of nodes came with LangGraph 1.4',
  },
  ...['a signal with a time limit', 'the option `timeout`'].flatMap((limit) => [
    {
      scenario: `a model of an agent, stopped by ${limit}`,
      sets: ['core-0.3-langgraph-0.2'],
      because: NO_REASON,
      trees: ['support · cancelled\n└─ llm chat gpt-4o-mini · cancelled'],
    },
    {
      scenario: `a tool of an agent, stopped by ${limit}`,
      sets: ['core-0.3-langgraph-0.2'],
      because: NO_REASON,
      trees: [`support · cancelled · 20 in, 5 out\n├─ ${LLM}\n└─ tool crawl · cancelled`],
    },
    {
      scenario: `a node without a model, stopped by ${limit}`,
      sets: CORE_0_3,
      because: 'core before 1.0 reports every stop as `Aborted`, and no signal is in sight',
      trees: ['steps · cancelled\n└─ other think · cancelled'],
    },
  ]),
  {
    scenario: 'the time limit of a step',
    sets: ['core-0.3-langgraph-0.2'],
    because: NO_REASON,
    trees: [
      'steps · cancelled\n└─ other think · cancelled\n   └─ llm chat gpt-4o-mini · cancelled',
    ],
  },
]

/** How a scenario differs in a set; `undefined` where it does not. */
export function differenceOf(set: string, scenario: Scenario): Difference | undefined {
  return DIFFERENCES.find((known) => known.scenario === scenario.title && known.sets.includes(set))
}

/** The differences of a set. */
export function differencesOf(set: string): readonly Difference[] {
  return DIFFERENCES.filter(({ sets }) => sets.includes(set))
}
