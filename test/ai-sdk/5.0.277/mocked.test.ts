import { vi } from 'vitest'

import { describeMocked } from '../describe-mocked.ts'

describeMocked({
  name: '5.0.277',
  mock: (factory) => {
    if (factory === undefined) {
      vi.doMock('ai')
    } else {
      vi.doMock('ai', factory)
    }
  },
  load: () => import('ai'),
})
