import { expect, test } from 'vitest'

test('scripts run on the Node that the repository installs', () => {
  // The `node` package fetches its binary in an install script: after `npm ci --ignore-scripts` there is
  // none, and every script would silently run on the machine's own Node.
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
})
