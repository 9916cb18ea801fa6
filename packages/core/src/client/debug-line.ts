import type { Run } from '../record/run.ts'

/** What `debug` says of a run that starts or has ended: `→ llm chat gpt-5-mini`, `← llm chat gpt-5-mini 301 ms 812/64`. */
export function debugLine(run: Run): string {
  let indent = ''
  for (let above = run.parent; above !== undefined; above = above.parent) {
    indent += '  '
  }
  const what = `${run.type} ${run.name}`
  if (run.endedAt === undefined) {
    return `${indent}→ ${what}`
  }
  const { promptTokens, completionTokens } = run.usage ?? {}
  const parts = [
    `${Math.round(run.endedAt - run.startedAt)} ms`,
    ...(run.usage === undefined ? [] : [`${promptTokens ?? '?'}/${completionTokens ?? '?'}`]),
    ...(run.status === 'ok' ? [] : [run.error ?? run.status]),
  ]
  return `${indent}← ${what} ${parts.join(' ')}`
}
