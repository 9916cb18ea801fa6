import {
  attributes,
  guard,
  isList,
  read,
  readList,
  readText,
  type Recorder,
  type Run,
} from '@trulayer/core/internal'

import { nameInTitle } from './map-name.ts'
import { notesOf, type WorkflowContainer } from './span-notes.ts'
import type { MastraSpan } from './types.ts'

const STEPS: ReadonlySet<string> = new Set(['workflow_step', 'workflow_run'])

/**
 * What is to be remembered of a container of steps; `undefined` for any other span.
 *
 * @param parent - what it is inside of
 */
export function containerOf(
  span: MastraSpan,
  parent: Run | undefined,
): WorkflowContainer | undefined {
  switch (span.type) {
    case 'workflow_parallel':
      return begin('parallel', span)
    case 'workflow_conditional':
      return begin('conditional', span)
    case 'workflow_loop':
      return { ...begin('loop', span), items: isInResumed(parent) ? keptItems(span) : undefined }
    default:
      return undefined
  }
}

function begin(type: WorkflowContainer['type'], span: MastraSpan): WorkflowContainer {
  return {
    type,
    branches: readList(span.attributes, 'parallelSteps'),
    items: undefined,
    steps: 0,
    last: undefined,
    truthy: [],
  }
}

function isInResumed(run: Run | undefined): boolean {
  for (let above = run; above !== undefined; above = above.parent) {
    if (above.metadata?.[attributes.resumedFrom] !== undefined) {
      return true
    }
  }
  return false
}

function keptItems(span: MastraSpan): WorkflowContainer['items'] {
  return guard('the items of a loop', () => itemsOf(span))
}

function itemsOf({ attributes: reported, input }: MastraSpan): (string | undefined)[] | undefined {
  return readText(reported, 'loopType') === 'foreach' && isList(input)
    ? input.map((item) => JSON.stringify(item))
    : undefined
}

/**
 * Notes which branch or iteration a step is: the containers are left out of the trace, and so their steps say it. Both
 * count from zero, a branch in the order in which the workflow was written.
 */
export function notePlace(recorder: Recorder, run: Run, span: MastraSpan): void {
  const container = notesOf(run.parent)?.container
  if (container === undefined || !STEPS.has(span.type)) {
    return
  }
  const position = container.steps
  container.steps += 1
  switch (container.type) {
    case 'loop':
      container.last = run
      noteIteration(recorder, run, container.items ? takeItem(container.items, span) : position)
      break
    case 'conditional':
      noteBranch(recorder, run, container.truthy[position] ?? position)
      break
    case 'parallel':
    default: {
      const written = container.branches.indexOf(span.entityId)
      noteBranch(recorder, run, written === -1 ? position : written)
    }
  }
}

/*
 * Mastra does not report the index of an item, and a resumed `foreach` starts with the first one that has not succeeded. Of
 * equal items any may be meant.
 */
function takeItem(items: (string | undefined)[], span: MastraSpan): number | undefined {
  const item = guard('the item of an iteration', () => JSON.stringify(span.input))
  const index = items.indexOf(item)
  if (item === undefined || index === -1) {
    return undefined
  }
  const isOnly = !items.includes(item, index + 1)
  items[index] = undefined
  return isOnly ? index : undefined
}

function noteBranch(recorder: Recorder, run: Run, branch: number): void {
  recorder.update(run, { metadata: { [attributes.branch]: branch } })
}

function noteIteration(recorder: Recorder, run: Run, iteration: number | undefined): void {
  const metadata = { [attributes.iteration]: iteration }
  recorder.update(run, { metadata })
  const inner = notesOf(run)?.inner
  if (inner !== undefined && run.isFolded) {
    recorder.update(inner, { metadata })
  }
}

/**
 * Notes what a condition says: of a branch, that it holds, because the steps that follow do not say whose they are; of a
 * loop, how often it has run, since one that is resumed goes on counting.
 */
export function noteCondition(recorder: Recorder, parentKey: string, span: MastraSpan): void {
  const container = notesOf(recorder.find(parentKey))?.container
  const index = read(span.attributes, 'conditionIndex')
  if (container === undefined || typeof index !== 'number') {
    return
  }
  if (container.type === 'loop') {
    judge(recorder, container, index)
  } else if (span.output === true || read(span.attributes, 'result') === true) {
    container.truthy.push(index)
  }
}

/** Notes the end of a loop, whose last step has no condition after it where it was suspended or failed. */
export function noteLoopEnd(recorder: Recorder, run: Run, span: MastraSpan): void {
  const container = notesOf(run)?.container
  const total = read(span.attributes, 'totalIterations')
  if (container?.last?.status !== 'ok' && typeof total === 'number') {
    judge(recorder, container, total)
  }
}

function judge(
  recorder: Recorder,
  container: WorkflowContainer | undefined,
  iteration: number,
): void {
  if (container?.last !== undefined) {
    noteIteration(recorder, container.last, iteration)
    container.last = undefined
    container.steps = iteration + 1
  }
}

/** Notes an agent or a workflow that begins right inside a step of the same name. */
export function noteInner(run: Run): void {
  const notes = notesOf(run)
  const above = notesOf(run.parent)
  if (
    above?.isStep === true &&
    (notes?.kind === 'agent' || notes?.kind === 'workflow') &&
    (run.name === run.parent?.name || nameInTitle(notes.title) === run.parent?.name)
  ) {
    above.inner ??= run
  }
}

/**
 * Folds a step that is an agent or a workflow and nothing else: the run inside shows the same name and says more. To be
 * called before the step ends.
 */
export function foldStep(recorder: Recorder, step: Run): void {
  const inner = notesOf(step)?.inner
  if (inner === undefined || step.turn.runs.some((run) => run.parent === step && run !== inner)) {
    return
  }
  recorder.update(step, { folded: true })
  const { [attributes.branch]: branch, [attributes.iteration]: iteration } = step.metadata ?? {}
  recorder.update(inner, {
    metadata: { [attributes.branch]: branch, [attributes.iteration]: iteration },
  })
}
