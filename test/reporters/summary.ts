import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Closes a run with `N passed, N failed` alone on the last line, which `.ci/run` adds up.
 *
 * A file that could not be loaded and an error outside any test each count as one failure, so that a run
 * that exits with an error never reads `0 failed`.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: 'passed' | 'failed' | 'interrupted',
  ): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      let failures = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed += 1
        else if (state === 'skipped') counts.skipped += 1
        else failures += 1
      }
      if (failures === 0 && !module.ok()) failures = 1
      counts.failed += failures
    }
    if (reason !== 'passed') counts.failed = Math.max(counts.failed, 1)
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
  }
}
