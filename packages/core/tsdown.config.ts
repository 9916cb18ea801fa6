import { library } from '../../tsdown.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    browser: 'src/browser/index.ts',
    relay: 'src/relay/index.ts',
    internal: 'src/internal.ts',
    testing: 'src/testing/index.ts',
  },
})
