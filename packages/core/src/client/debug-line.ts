import type { Run } from '../record/run.ts'

/**
 * What `debug` says of a run that starts or has ended: `→ llm chat gpt-5-mini`, `← llm chat gpt-5-mini 301 ms 812/64`.
 *
 * @param clean - takes secrets out of a text of the host; each alone, for in a line JSON is no JSON
 */
export function debugLine(run: Run, clean: (text: string) => string): string {
  let indent = ''
  for (let above = run.parent; above !== undefined; above = above.parent) {
    indent += '  '
  }
  const what = `${run.type} ${clean(run.name)}`
  if (run.endedAt === undefined) {
    return `${indent}→ ${what}`
  }
  const { promptTokens, completionTokens } = run.usage ?? {}
  const parts = [
    `${Math.round(run.endedAt - run.startedAt)} ms`,
    ...(run.usage === undefined ? [] : [`${promptTokens ?? '?'}/${completionTokens ?? '?'}`]),
    ...(run.status === 'ok' ? [] : [run.error === undefined ? run.status : clean(run.error)]),
  ]
  return `${indent}← ${what} ${parts.join(' ')}`
}
