import type { Scenario } from './play.ts'

/** What a set of versions shows of a scenario instead, and why. */
interface Difference {
  readonly reason: string
  /** True where the scenario cannot be played. */
  readonly isAbsent?: boolean
  readonly trees?: readonly string[]
  readonly isBilled?: boolean
  /** True where the details differ as well. */
  readonly isUnchecked?: boolean
  readonly isLeftOpen?: boolean
  readonly unhandled?: readonly string[]
}

const NO_EXEC: Difference = { reason: 'models of core 0.6.2 have no `exec`', isAbsent: true }

const SETTLES: Difference = {
  reason: 'before workflow 1.1 a run that fails rejects',
  unhandled: [],
}

const NO_TOOL_EVENTS = 'workflow 1.0 calls its tools without an event'

/* A model call that is a trace of its own. */
function lone(tokens: string): string {
  const line = `chat gpt-4o-mini · ok · ${tokens}`
  return `${line}\n└─ llm ${line}`
}

/** By set, then by title. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  '0.11.29': {
    'an agent whose answer is brought into a shape': {
      reason: 'agents know no format of answers before workflow 1.1.24',
      trees: ['support · ok · 10 in, 5 out\n└─ llm chat gpt-4o-mini · ok · 10 in, 5 out'],
      isUnchecked: true,
    },
    'an answer that is brought into a shape': {
      reason: 'before core 0.6.22 models return no object',
      isUnchecked: true,
    },
  },
  '0.9.19': {
    'an agent in a turn, without being wrapped': {
      reason: NO_TOOL_EVENTS,
      trees: [
        `\
turn · ok · 250 in, 30 out
├─ llm chat gpt-4o-mini · ok · 100 in, 20 out
└─ llm chat gpt-4o-mini · ok · 150 in, 10 out`,
      ],
      isUnchecked: true,
    },
    'an agent that is not wrapped': {
      reason: NO_TOOL_EVENTS,
      trees: ['100 in, 20 out', '150 in, 10 out'].map((tokens) => lone(tokens)),
      isUnchecked: true,
    },
    'two agents at once that are not wrapped, with calls of one id': {
      reason: NO_TOOL_EVENTS,
      trees: Array<string>(4).fill(lone('10 in, 5 out')),
      isUnchecked: true,
    },
    'an agent in a trace of the host, without being wrapped': {
      reason: NO_TOOL_EVENTS,
      trees: [
        `\
turn · ok · 20 in, 10 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out`,
      ],
    },
    'an agent whose stream a turn hands on': {
      reason: 'workflow 1.0 has no streams',
      isAbsent: true,
    },
    'an agent whose answer is brought into a shape': {
      reason: 'in workflow 1.0 a run takes no such option',
      isAbsent: true,
    },
    'tools that answer as an MCP server does': {
      reason: 'workflow 1.0 reports the results of tools as printed text',
      trees: [
        `\
support · ok · 20 in, 10 out
├─ llm chat gpt-4o-mini · ok · 10 in, 5 out
├─ tool look · ok
├─ tool remove · ok
└─ llm chat gpt-4o-mini · ok · 10 in, 5 out`,
      ],
      isUnchecked: true,
    },
    'a model that throws in an agent': SETTLES,
    'a model whose time limit fires in an agent': SETTLES,
    'a model that throws in an agent, by events alone': SETTLES,
    'a tool that the agent does not have': SETTLES,
    'a model that runs its tools itself': NO_EXEC,
    'an answer that is brought into a shape': NO_EXEC,
  },
}

/** What is different in a set; `undefined` where nothing is. */
export function differenceOf(set: string, scenario: Scenario): Difference | undefined {
  return DIFFERENCES[set]?.[scenario.title]
}

/** The titles of the scenarios that differ in a set. */
export function differencesOf(set: string): readonly string[] {
  return Object.keys(DIFFERENCES[set] ?? {})
}
