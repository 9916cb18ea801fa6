/** The set that the example has as well. */
export const NEWEST = '0.12.1'
