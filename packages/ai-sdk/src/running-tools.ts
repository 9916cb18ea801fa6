import { isObject, type Run } from '@trulayer/core/internal'

import { fieldOf } from './types.ts'

interface RunningTool {
  call: unknown
  readonly run: Run
  state: 'started' | 'executing' | 'executed'
}

/**
 * The tools of one operation that version 7 has started and not ended. Ids of calls are not unique within a step, so that a
 * tool is matched by the object of its call, which is the same in all events of one execution. Where inputs or outputs are
 * not recorded the SDK copies that object for each event: then the first tool with that id and name counts that is in the
 * right state, since the SDK reports tools in the order in which they reach it.
 */
export class RunningTools {
  #tools: RunningTool[] = []

  /** Adds a tool that starts. */
  start(call: unknown, run: Run): void {
    this.#tools.push({ call, run, state: 'started' })
  }

  /** The tool that is executed now, and a function to call when it is done. */
  execute(call: unknown): { readonly run: Run; readonly done: () => void } | undefined {
    const tool = this.#find(call, 'started')
    if (tool === undefined) {
      return undefined
    }
    tool.state = 'executing'
    return {
      run: tool.run,
      done: () => {
        tool.state = 'executed'
        // The tools that are done are in the order in which their ends are reported.
        this.#tools = [...this.#tools.filter((other) => other !== tool), tool]
      },
    }
  }

  /** The run of a tool that was executed before its start is reported, which is now. */
  report(call: unknown): Run | undefined {
    const tool = this.#tools.find(
      (other) => fieldOf(other.call, 'toolName') === undefined && isSameCall(call, other.call),
    )
    if (tool !== undefined) {
      tool.call = call
    }
    return tool?.run
  }

  /** Removes a tool that has ended. */
  end(call: unknown): Run | undefined {
    const tool =
      this.#find(call, 'executed') ?? this.#find(call, 'started') ?? this.#find(call, 'executing')
    this.#tools = this.#tools.filter((other) => other !== tool)
    return tool?.run
  }

  #find(call: unknown, state: RunningTool['state']): RunningTool | undefined {
    const tools = this.#tools.filter((tool) => tool.state === state)
    return (
      tools.find((tool) => isObject(call) && tool.call === call) ??
      tools.find((tool) => isSameCall(tool.call, call))
    )
  }
}

/* The agents of other packages give no more than the id of a call that they execute. */
function isSameCall(one: unknown, other: unknown): boolean {
  const name = fieldOf(other, 'toolName')
  return (
    fieldOf(one, 'toolCallId') === fieldOf(other, 'toolCallId') &&
    (name === undefined || fieldOf(one, 'toolName') === name)
  )
}
