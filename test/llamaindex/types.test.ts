import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { setName } from './frameworks.ts'

const root = resolve(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const program = `
import { Settings as CoreSettings } from '@llamaindex/core/global'
import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai'
import { agent, type AgentWorkflow } from '@llamaindex/workflow'
import { ContextChatEngine, type EngineResponse, LLMAgent, Settings, VectorStoreIndex } from 'llamaindex'
import { instrumentLlamaIndex, trulayerTraceId } from '@trulayer/llamaindex'

const tl = instrumentLlamaIndex([Settings, CoreSettings])
export const one = instrumentLlamaIndex(Settings)
Settings.llm = tl.llm(new OpenAI({ model: 'gpt-4o-mini' }))
Settings.embedModel = tl.embedding(new OpenAIEmbedding())
export const support: AgentWorkflow = tl.agent(agent({ tools: [] }))
export const old: LLMAgent = tl.agent(new LLMAgent({ tools: [] }))
declare const index: VectorStoreIndex
export const chat: ContextChatEngine = tl.agent(new ContextChatEngine({ retriever: index.asRetriever() }))
export const answer: Promise<EngineResponse> = tl.run({ name: 'turn' }, () =>
  index.asQueryEngine().query({ query: 'Paris?' }),
)
export const id: string | undefined = trulayerTraceId(await answer)
`

test('what is wrapped keeps its type, by the types of this set', async () => {
  // Within the set, so that its versions are found; the dot keeps it from other programs' globs.
  const folder = await mkdtemp(join(import.meta.dirname, setName, '.types-'))
  try {
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../../tsconfig.json',
        compilerOptions: { exactOptionalPropertyTypes: false, noUnusedLocals: false },
        include: ['./*.ts'],
      }),
    )
    await writeFile(join(folder, 'program.ts'), program)
    const checked = await promisify(execFile)(process.execPath, [tsc, '-p', '.'], {
      cwd: folder,
    }).catch((error: unknown) => error)
    expect(checked).toMatchObject({ stdout: '' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
