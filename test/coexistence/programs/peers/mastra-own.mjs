/** Mastra's own exporters: the default one on a store in memory, and the one for tests, which is asked for its spans. */
export async function setUp({ load }) {
  const { InMemoryStore } = await load('@mastra/core/storage')
  const { DefaultExporter, TestExporter } = await load('@mastra/observability')
  const exporter = new TestExporter()
  return {
    request: (_, work) => work(),
    storage: () => new InMemoryStore({ id: 'store' }),
    exporters: () => [new DefaultExporter(), exporter],
    read: async () =>
      exporter
        .getCompletedSpans()
        .map(({ id, parentSpanId, type, name, attributes, input, output, errorInfo }) => ({
          id,
          parentId: parentSpanId,
          name: `${type} ${name}`,
          attributes: { ...attributes, input, output, errorInfo },
        })),
  }
}
