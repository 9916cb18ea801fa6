import { vi } from 'vitest'

import { describeMocked } from '../describe-mocked.ts'

describeMocked({
  name: '7.0.173',
  mock: (factory) => {
    if (factory === undefined) {
      vi.doMock('ai')
    } else {
      vi.doMock('ai', factory)
    }
  },
  load: () => import('ai'),
})
