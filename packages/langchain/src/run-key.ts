/** The key under which core knows a run of LangChain. */
export function runKey(runId: string): string {
  return `langchain:${runId}`
}
