import { library } from '../../tsdown.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    browser: 'src/browser/index.ts',
    // No entry of the package, but apart from the rest of it, so that a page which sends feedback alone loads nothing else.
    'submit-feedback': 'src/browser/submit-feedback.ts',
    relay: 'src/relay/index.ts',
    internal: 'src/internal.ts',
    testing: 'src/testing/index.ts',
  },
})
