import { shared } from '@trulayer/core/internal'

/** A model call that an integration was told of, which runs where no context of ours reaches. */
export interface ObjectStep {
  readonly modelId: unknown
  readonly provider: unknown
}

/* Calls that are under way and that no middleware has met so far. */
const openSteps = shared('ai-sdk:object-steps', () => new Set<ObjectStep>())

/** Tells of such a call, which somebody below may be about to record as well. */
export function openObjectStep(step: ObjectStep): void {
  openSteps.add(step)
}

/** Tells that it is over. */
export function closeObjectStep(step: ObjectStep): void {
  openSteps.delete(step)
}

/**
 * Takes a call of that model for the one that an integration was told of. They match one to one by the model, for
 * `generateObject` of version 7 runs its model call outside of any hook.
 */
export function claimObjectStep(modelId: unknown, provider: unknown): boolean {
  for (const step of openSteps) {
    if (step.modelId === modelId && step.provider === provider) {
      openSteps.delete(step)
      return true
    }
  }
  return false
}
