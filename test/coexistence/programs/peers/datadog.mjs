/*
 * dd-trace, loaded before the program by `--import dd-trace/initialize.mjs`. It writes its traces to standard output, where
 * the test reads them.
 */
export async function setUp({ load }) {
  const { default: tracer } = await load('dd-trace')
  return {
    request: (name, work) => tracer.trace(name, work),
    read: async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, 500)
      })
      return undefined
    },
  }
}
