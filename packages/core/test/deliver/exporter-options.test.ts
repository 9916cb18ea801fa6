import { expect, test } from 'vitest'
import { createLogger } from '../../src/client/logger.ts'
import {
  resolveExporterOptions,
  type ExporterSettings,
  type TruLayerExporterOptions,
} from '../../src/deliver/exporter-options.ts'
import { KEY } from './support.ts'

function resolve(options: Partial<TruLayerExporterOptions>): {
  settings: ExporterSettings
  lines: string[]
} {
  const lines: string[] = []
  const logger = createLogger({
    logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) },
    debug: false,
  })
  return { settings: resolveExporterOptions({ apiKey: KEY, logger, ...options }), lines }
}

test('the defaults', () => {
  expect(resolve({})).toEqual({
    settings: {
      apiKey: KEY,
      endpoint: 'https://api.trulayer.ai',
      projectName: undefined,
      fetch: undefined,
      headers: {},
      timeout: 10_000,
      batchSize: 50,
      flushInterval: 2000,
      maxQueueBytes: 33_554_432,
      compression: undefined,
      hasSpool: false,
      isRequestBound: false,
    },
    lines: [],
  })
})

test.each<[Partial<TruLayerExporterOptions>, Partial<ExporterSettings>, number]>([
  [
    { endpoint: ' https://proxy.example/trulayer// ' },
    { endpoint: 'https://proxy.example/trulayer' },
    0,
  ],
  [{ batchSize: 1 }, { batchSize: 1 }, 0],
  [{ batchSize: 100 }, { batchSize: 100 }, 0],
  [{ batchSize: 101 }, { batchSize: 100 }, 1],
  [{ batchSize: 0 }, { batchSize: 1 }, 1],
  [{ batchSize: Number.NaN }, { batchSize: 50 }, 1],
  [{ batchSize: Number.POSITIVE_INFINITY }, { batchSize: 100 }, 1],
  [{ timeout: Number.POSITIVE_INFINITY }, { timeout: 2_147_483_647 }, 0],
  [{ timeout: -1 }, { timeout: 1 }, 0],
  [{ flushInterval: 0 }, { flushInterval: 0 }, 0],
  [{ flushInterval: Number.NaN }, { flushInterval: 2000 }, 0],
  [{ maxQueueBytes: 1e6 }, { maxQueueBytes: 1e6 }, 0],
])('%o becomes %o, with %i warnings', (options, expected, warnings) => {
  const { settings, lines } = resolve(options)
  expect(settings).toMatchObject(expected)
  expect(lines.length).toBe(warnings)
})
