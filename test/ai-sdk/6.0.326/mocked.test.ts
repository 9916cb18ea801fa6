import { vi } from 'vitest'

import { describeMocked } from '../describe-mocked.ts'

describeMocked({
  name: '6.0.326',
  mock: (factory) => {
    if (factory === undefined) {
      vi.doMock('ai')
    } else {
      vi.doMock('ai', factory)
    }
  },
  load: () => import('ai'),
})
