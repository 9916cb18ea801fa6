/** What stands for a text whose redaction failed: never the clear text. */
export const REDACTION_FAILED = '<REDACTED:failed>'
