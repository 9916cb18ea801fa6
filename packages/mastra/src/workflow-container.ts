import { attributes, read, readList, type Recorder, type Run } from '@trulayer/core/internal'

import { notesOf, type WorkflowContainer } from './span-notes.ts'
import type { MastraSpan } from './types.ts'

const STEPS: ReadonlySet<string> = new Set(['workflow_step', 'workflow_run'])

/** What is to be remembered of a container of steps; `undefined` for any other span. */
export function containerOf(span: MastraSpan): WorkflowContainer | undefined {
  switch (span.type) {
    case 'workflow_parallel':
      return begin('parallel', span)
    case 'workflow_conditional':
      return begin('conditional', span)
    case 'workflow_loop':
      return begin('loop', span)
    default:
      return undefined
  }
}

function begin(type: WorkflowContainer['type'], span: MastraSpan): WorkflowContainer {
  return { type, branches: readList(span.attributes, 'parallelSteps'), steps: 0, truthy: [] }
}

/**
 * Which branch or iteration a step is: the containers are left out of the trace, and so their steps tell it. Both count
 * from zero, a branch in the order in which the workflow was written.
 */
export function placeInContainer(
  parent: Run | undefined,
  span: MastraSpan,
): Record<string, number> | undefined {
  const container = notesOf(parent)?.container
  if (container === undefined || !STEPS.has(span.type)) {
    return undefined
  }
  const position = container.steps
  container.steps += 1
  switch (container.type) {
    case 'loop':
      return { [attributes.iteration]: position }
    case 'conditional':
      return { [attributes.branch]: container.truthy[position] ?? position }
    case 'parallel':
    default: {
      const written = container.branches.indexOf(span.entityId)
      return { [attributes.branch]: written === -1 ? position : written }
    }
  }
}

/** Notes that a condition of a branch holds, for the steps that follow do not tell whose they are. */
export function noteCondition(recorder: Recorder, parentKey: string, span: MastraSpan): void {
  const container = notesOf(recorder.find(parentKey))?.container
  const index = read(span.attributes, 'conditionIndex')
  const isTrue = span.output === true || read(span.attributes, 'result') === true
  if (container !== undefined && isTrue && typeof index === 'number') {
    container.truthy.push(index)
  }
}
