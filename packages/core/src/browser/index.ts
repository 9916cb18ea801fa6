export { init } from './init.ts'
export { submitFeedback } from './submit-feedback.ts'

export type { BrowserOptions } from './init.ts'
export type { BrowserFeedbackOptions } from './submit-feedback.ts'
export type { Feedback, FeedbackResult } from '../deliver/feedback.ts'
