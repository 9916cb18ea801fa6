/*
 * The systems that deliver traces, each told the same turn in the way that its own documentation shows, with its defaults.
 * `trace` is what the program calls; `flush` and `close` are the system's own.
 */
import { randomUUID } from 'node:crypto'

import { turnData } from './trace-data.mjs'

export const systems = {
  floor: () => {
    // Kept, so that no engine finds out that nobody reads it.
    let bytes = 0
    return {
      trace(index) {
        bytes += JSON.stringify(plainTrace(turnData(index))).length
      },
      flush: () => Promise.resolve(bytes),
      close: () => Promise.resolve(),
    }
  },

  trulayer: (url) => recorded(url),

  // What memory cannot hold, or the process leaves behind, is on disk until the next start.
  // A minute's outage at 1,000 traces a second is 290 MB, more than the default allows.
  'trulayer spool': (url, folder) =>
    recorded(url, { spool: { directory: folder, maxBytes: 512 * 1024 * 1024 } }),

  'trulayer trace()': async (url) => {
    const { TruLayer } = await import('@trulayer/core')
    const client = new TruLayer({ apiKey: 'tl_bench', endpoint: url, redact: false })
    return {
      async trace(index) {
        const data = turnData(index)
        await client.trace(
          'support',
          async (trace) => {
            await trace.span('help', { type: 'retrieval', input: data.query }, () => data.documents)
            await trace.span(
              `chat ${data.model}`,
              { type: 'llm', input: data.messages },
              (span) => {
                span.setModel(data.model)
                span.setTokens({
                  promptTokens: data.usage.prompt,
                  completionTokens: data.usage.completion,
                  cachedTokens: data.usage.cached,
                })
                return data.reply
              },
            )
            await trace.span(
              'order-status',
              { type: 'tool', input: data.toolInput },
              () => data.toolOutput,
            )
            return data.answer
          },
          { input: data.question, sessionId: data.sessionId, userId: data.userId },
        )
      },
      flush: () => client.flush({ timeout: 60_000 }),
      close: () => client.shutdown({ timeout: 60_000 }),
    }
  },

  opentelemetry: async (url) => {
    const { trace, context } = await import('@opentelemetry/api')
    const { BasicTracerProvider, BatchSpanProcessor } =
      await import('@opentelemetry/sdk-trace-base')
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
    const provider = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }))],
    })
    const tracer = provider.getTracer('bench')
    return {
      trace(index) {
        const data = turnData(index)
        const root = tracer.startSpan('invoke_agent support', {
          attributes: {
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.conversation.id': data.sessionId,
            'user.id': data.userId,
            'gen_ai.input.messages': data.question,
          },
        })
        const inside = trace.setSpan(context.active(), root)
        const search = tracer.startSpan(
          'retrieval help',
          { attributes: { 'gen_ai.retrieval.query.text': data.query } },
          inside,
        )
        search.setAttribute('gen_ai.retrieval.documents', JSON.stringify(data.documents))
        search.end()
        const call = tracer.startSpan(
          `chat ${data.model}`,
          {
            attributes: {
              'gen_ai.operation.name': 'chat',
              'gen_ai.request.model': data.model,
              'gen_ai.input.messages': JSON.stringify(data.messages),
            },
          },
          inside,
        )
        call.setAttributes({
          'gen_ai.output.messages': JSON.stringify(data.reply),
          'gen_ai.usage.input_tokens': data.usage.prompt,
          'gen_ai.usage.output_tokens': data.usage.completion,
          'gen_ai.usage.cache_read.input_tokens': data.usage.cached,
        })
        call.end()
        const tool = tracer.startSpan(
          'execute_tool order-status',
          {
            attributes: {
              'gen_ai.operation.name': 'execute_tool',
              'gen_ai.tool.call.arguments': JSON.stringify(data.toolInput),
            },
          },
          inside,
        )
        tool.setAttribute('gen_ai.tool.call.result', JSON.stringify(data.toolOutput))
        tool.end()
        root.setAttribute('gen_ai.output.messages', data.answer)
        root.end()
      },
      flush: () => provider.forceFlush(),
      close: () => provider.shutdown(),
    }
  },

  langfuse: async (url) => {
    const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base')
    const { LangfuseSpanProcessor } = await import('@langfuse/otel')
    const { setLangfuseTracerProvider, startObservation } = await import('@langfuse/tracing')
    const provider = new BasicTracerProvider({
      spanProcessors: [
        new LangfuseSpanProcessor({ publicKey: 'pk', secretKey: 'sk', baseUrl: url }),
      ],
    })
    setLangfuseTracerProvider(provider)
    return {
      trace(index) {
        const data = turnData(index)
        const root = startObservation(
          'support',
          {
            input: data.question,
            metadata: { sessionId: data.sessionId, userId: data.userId },
          },
          { asType: 'agent' },
        )
        root
          .startObservation('help', { input: data.query }, { asType: 'retriever' })
          .update({ output: data.documents })
          .end()
        root
          .startObservation(
            `chat ${data.model}`,
            { input: data.messages, model: data.model },
            { asType: 'generation' },
          )
          .update({
            output: data.reply,
            usageDetails: {
              input: data.usage.prompt,
              output: data.usage.completion,
              cache_read_input_tokens: data.usage.cached,
            },
          })
          .end()
        root
          .startObservation('order-status', { input: data.toolInput }, { asType: 'tool' })
          .update({ output: data.toolOutput })
          .end()
        root.update({ output: data.answer }).end()
      },
      flush: () => provider.forceFlush(),
      close: () => provider.shutdown(),
    }
  },

  posthog: async (url) => {
    const { PostHog } = await import('posthog-node')
    const client = new PostHog('phc_bench', { host: url })
    return {
      trace(index) {
        const data = turnData(index)
        const ids = { trace: randomUUID(), root: randomUUID() }
        const event = (name, properties) =>
          client.capture({
            distinctId: data.userId,
            event: name,
            properties: {
              $ai_trace_id: ids.trace,
              $ai_session_id: data.sessionId,
              $ai_span_id: randomUUID(),
              $ai_parent_id: ids.root,
              $ai_latency: 0.4,
              ...properties,
            },
          })
        event('$ai_span', {
          $ai_span_name: 'help',
          $ai_input_state: data.query,
          $ai_output_state: data.documents,
        })
        event('$ai_generation', {
          $ai_model: data.model,
          $ai_input: data.messages,
          $ai_output_choices: data.reply,
          $ai_input_tokens: data.usage.prompt,
          $ai_output_tokens: data.usage.completion,
          $ai_cache_read_input_tokens: data.usage.cached,
        })
        event('$ai_span', {
          $ai_span_name: 'order-status',
          $ai_input_state: data.toolInput,
          $ai_output_state: data.toolOutput,
        })
        event('$ai_trace', {
          $ai_span_id: ids.root,
          $ai_parent_id: undefined,
          $ai_span_name: 'support',
          $ai_input_state: data.question,
          $ai_output_state: data.answer,
        })
      },
      flush: () => client.flush(),
      close: () => client.shutdown(),
    }
  },

  langsmith: async (url) => {
    const { Client } = await import('langsmith')
    const { RunTree } = await import('langsmith/run_trees')
    const client = new Client({ apiUrl: url, apiKey: 'ls', tracingMode: 'langsmith' })
    const run = (parent, config) =>
      parent === undefined
        ? new RunTree({ client, project_name: 'bench', tracingEnabled: true, ...config })
        : parent.createChild(config)
    return {
      trace(index) {
        const data = turnData(index)
        const root = run(undefined, {
          name: 'support',
          run_type: 'chain',
          inputs: { question: data.question },
          metadata: { session_id: data.sessionId, user_id: data.userId },
        })
        root.postRun().catch(ignore)
        const child = (config, outputs) => {
          const tree = run(root, config)
          tree.postRun().catch(ignore)
          tree.end(outputs)
          tree.patchRun().catch(ignore)
        }
        child(
          { name: 'help', run_type: 'retriever', inputs: { query: data.query } },
          { documents: data.documents },
        )
        child(
          {
            name: `chat ${data.model}`,
            run_type: 'llm',
            inputs: { messages: data.messages },
            metadata: { ls_model_name: data.model },
          },
          {
            messages: data.reply,
            usage_metadata: {
              input_tokens: data.usage.prompt,
              output_tokens: data.usage.completion,
              input_token_details: { cache_read: data.usage.cached },
            },
          },
        )
        child({ name: 'order-status', run_type: 'tool', inputs: data.toolInput }, data.toolOutput)
        root.end({ answer: data.answer })
        root.patchRun().catch(ignore)
      },
      flush: () => client.flush(),
      close: async () => {
        await client.flush()
        await client.awaitPendingTraceBatches()
      },
    }
  },

  braintrust: async (url) => {
    const { initLogger } = await import('braintrust')
    const logger = initLogger({
      projectName: 'bench',
      apiKey: 'bt',
      appUrl: url,
      orgName: 'org',
      asyncFlush: true,
    })
    return {
      trace(index) {
        const data = turnData(index)
        const root = logger.startSpan({
          name: 'support',
          type: 'task',
          event: {
            input: data.question,
            metadata: { sessionId: data.sessionId, userId: data.userId },
          },
        })
        const child = (options, event) => {
          const span = root.startSpan(options)
          span.log(event)
          span.end()
        }
        child({ name: 'help', event: { input: data.query } }, { output: data.documents })
        child(
          {
            name: `chat ${data.model}`,
            type: 'llm',
            event: { input: data.messages, metadata: { model: data.model } },
          },
          {
            output: data.reply,
            metrics: {
              prompt_tokens: data.usage.prompt,
              completion_tokens: data.usage.completion,
              prompt_cached_tokens: data.usage.cached,
            },
          },
        )
        child(
          { name: 'order-status', type: 'tool', event: { input: data.toolInput } },
          { output: data.toolOutput },
        )
        root.log({ output: data.answer })
        root.end()
      },
      flush: () => logger.flush(),
      close: () => logger.flush(),
    }
  },
}

function ignore() {}

/* What any tracer has to do: ids, instants, payloads as text, one JSON.stringify. */
function plainTrace(data) {
  const id = randomUUID()
  const instant = () => new Date().toISOString()
  const span = (name, type, fields) => ({
    id: randomUUID(),
    trace_id: id,
    parent_span_id: null,
    name,
    type,
    model: null,
    latency_ms: 12,
    error: null,
    prompt_tokens: null,
    completion_tokens: null,
    metadata: {},
    start_time: instant(),
    end_time: instant(),
    ...fields,
  })
  return {
    id,
    session_id: data.sessionId,
    external_id: null,
    name: 'support',
    input: data.question,
    output: data.answer,
    model: data.model,
    latency_ms: 40,
    error: null,
    tags: {},
    metadata: { 'user.id': data.userId },
    spans: [
      span('help', 'retrieval', { input: data.query, output: JSON.stringify(data.documents) }),
      span(`chat ${data.model}`, 'llm', {
        input: JSON.stringify(data.messages),
        output: JSON.stringify(data.reply),
        model: data.model,
        prompt_tokens: data.usage.prompt,
        completion_tokens: data.usage.completion,
        metadata: { 'gen_ai.usage.cache_read.input_tokens': data.usage.cached },
      }),
      span('order-status', 'tool', {
        input: JSON.stringify(data.toolInput),
        output: JSON.stringify(data.toolOutput),
      }),
    ],
    events: [],
    started_at: instant(),
    ended_at: instant(),
  }
}

/* As the adapters do it, which hear of starts and ends in separate calls. */
async function recorded(url, options = {}) {
  const { TruLayer } = await import('@trulayer/core')
  const { resolveRecorder } = await import('@trulayer/core/internal')
  const client = new TruLayer({ apiKey: 'tl_bench', endpoint: url, redact: false, ...options })
  const recorder = resolveRecorder(client)
  return {
    trace(index) {
      const data = turnData(index)
      const root = recorder.start({
        name: 'support',
        type: 'other',
        input: data.question,
        sessionId: data.sessionId,
        userId: data.userId,
      })
      const search = recorder.start({
        name: 'help',
        type: 'retrieval',
        parent: root,
        input: data.query,
      })
      recorder.end(search, { output: data.documents })
      const call = recorder.start({
        name: `chat ${data.model}`,
        type: 'llm',
        parent: root,
        input: data.messages,
        model: data.model,
      })
      recorder.end(call, {
        output: data.reply,
        usage: {
          promptTokens: data.usage.prompt,
          completionTokens: data.usage.completion,
          cachedTokens: data.usage.cached,
        },
      })
      const tool = recorder.start({
        name: 'order-status',
        type: 'tool',
        parent: root,
        input: data.toolInput,
      })
      recorder.end(tool, { output: data.toolOutput })
      recorder.end(root, { output: data.answer })
    },
    flush: () => client.flush({ timeout: 60_000 }),
    close: () => client.shutdown({ timeout: 60_000 }),
    stats: () => client.stats(),
  }
}
