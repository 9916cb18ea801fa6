import { TruLayer } from '../../src/client/client.ts'
import type { SampleBy, SampleRate } from '../../src/policy/sampling.ts'

/** The turns, by what their ids are, that a client hands to its exporter. */
export async function keptOf(
  ids: readonly string[],
  sampleRate: SampleRate,
  sampleBy: SampleBy,
): Promise<string[]> {
  const kept: string[] = []
  const client = new TruLayer({
    sampleRate,
    sampleBy,
    exitHooks: false,
    exporters: [{ export: (traces) => void kept.push(...traces.map((trace) => trace.name)) }],
  })
  for (const id of ids) {
    await client.trace(id, () => 1, sampleBy === 'trace' ? { id } : { sessionId: id })
  }
  await client.shutdown()
  return kept.toSorted()
}
