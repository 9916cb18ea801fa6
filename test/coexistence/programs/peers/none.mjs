/** No other tracer. */
export function setUp() {
  return { request: (_, work) => work() }
}
