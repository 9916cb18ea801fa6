/** A place of the code that forgets to redact, and the test that must see it. */
export interface Mutation {
  /** What is forgotten. */
  readonly forgets: string
  /** Below `packages/core/src`. */
  readonly file: string
  /** Stands there once. */
  readonly find: string
  readonly replace: string
  /** Below `packages/core/test/policy`, without `.test.ts`. */
  readonly suite: 'nothing-leaves' | 'every-way-out' | 'what-is-kept'
  /** The title of a test that turns red. */
  readonly red: string
}

function inRedaction(red: string, find: string, replace: string): Mutation {
  return {
    forgets: red,
    file: 'policy/redaction.ts',
    find,
    replace,
    suite: 'nothing-leaves',
    red,
  }
}

const CALL = 'redactTag({ key, value }, walker)'

const FIELDS: readonly Mutation[] = [
  inRedaction('name', "name: walker('name').text(trace.name)", 'name: trace.name'),
  inRedaction('session id', 'sessionId: toId(trace.sessionId)', 'sessionId: trace.sessionId'),
  inRedaction('user id', 'undefined : toId(trace.userId)', 'undefined : trace.userId'),
  inRedaction('external id', 'undefined : toId(trace.externalId)', 'undefined : trace.externalId'),
  inRedaction('input', "walker('input').value(trace.input)", 'trace.input'),
  inRedaction('output', "walker('output').value(trace.output)", 'trace.output'),
  inRedaction('error', "walker('error').text(trace.error)", 'trace.error'),
  inRedaction('tag key', `=> ${CALL}`, `=> [key, ${CALL.replace('key,', "key: '',")}[1]]`),
  inRedaction(
    'tag value',
    `=> ${CALL}`,
    `=> [${CALL.replace('value }', "value: '' }")}[0], value]`,
  ),
  inRedaction('metadata key', 'EXEMPT_KEYS.has(key) ? key : walker.text(key)', 'key'),
  inRedaction('metadata value', 'ofValue.value(value, key)]', 'value]'),
  inRedaction('metadata user.id', 'return [key, toId(value)]', 'return [key, value]'),
  inRedaction('metadata environment', '  attributes.deploymentEnvironment,\n', ''),
  inRedaction(
    'metadata under a key that looks like ours',
    'if (exempts(key, value)) {',
    "if (exempts(key, value) || key.startsWith('gen_ai.')) {",
  ),
  inRedaction('object under a key of ours', "(typeof value !== 'object' ||", '(true ||'),
  inRedaction('span name', "name: walker('name').text(span.name)", 'name: span.name'),
  inRedaction('span input', "walker('input').value(span.input)", 'span.input'),
  inRedaction('span output', "walker('output').value(span.output)", 'span.output'),
  inRedaction('span error', "walker('error').text(span.error)", 'span.error'),
  inRedaction(
    'span metadata value',
    'redactMetadata(span.metadata, withOurs(walkers))',
    'span.metadata',
  ),
  inRedaction(
    'span tool call id',
    'attributes.userId, attributes.toolCallId]',
    'attributes.userId]',
  ),
  inRedaction('span agent name', '  attributes.agentName,\n', ''),
  inRedaction(
    'span tool definitions',
    '  attributes.agentName,\n  attributes.toolDefinitions,\n',
    '  attributes.agentName,\n',
  ),
  inRedaction('span stop sequences', '  attributes.requestStopSequences,\n', ''),
  inRedaction('span reason', '  attributes.reason,\n', ''),
  inRedaction('span hand-off', '  attributes.handoffTo,\n', ''),
  inRedaction('span branch', '  attributes.branch,\n', ''),
  inRedaction('span stack', '  attributes.exceptionStacktrace,\n', ''),
  inRedaction('event message', 'walker.text(event.message)', 'event.message'),
  inRedaction(
    'event metadata value',
    'redactMetadata(event.metadata, { walker, toId })',
    'event.metadata',
  ),
  inRedaction(
    'event metadata under a key of ours',
    'redactMetadata(event.metadata, { walker, toId })',
    'redactMetadata(event.metadata, { walker, toId, exempts: isOurs })',
  ),
]

const SHAPES: readonly Mutation[] = [
  {
    forgets: 'keys of objects',
    file: 'policy/text-walker.ts',
    find: 'const newKey = text(key)',
    replace: 'const newKey = key',
    suite: 'nothing-leaves',
    red: 'input',
  },
  {
    forgets: 'entries of lists',
    file: 'policy/text-walker.ts',
    find: ': walk(value, isHiding(name) ? name : key, depth)',
    replace: ': value',
    suite: 'nothing-leaves',
    red: 'output',
  },
  {
    forgets: 'JSON inside strings',
    file: 'policy/text-walker.ts',
    find: 'mapJsonText(value, { map: text, hides, hidesBelow }) ?? redact(value, key)',
    replace:
      '(mapJsonText(value, { map: text, hides, hidesBelow }) === undefined ? redact(value, key) : value)',
    suite: 'nothing-leaves',
    red: 'span input',
  },
  {
    forgets: 'ids of tool calls in messages',
    file: 'policy/text-walker.ts',
    find: '? toId(entry)',
    replace: '? entry',
    suite: 'nothing-leaves',
    red: 'tool call id in a message',
  },
  {
    forgets: 'ids of answers of tools in messages',
    file: 'policy/text-walker.ts',
    find: '? toId(entry)',
    replace: '? entry',
    suite: 'nothing-leaves',
    red: 'tool response id in a message',
  },
  {
    forgets: 'texts that are cut into parts',
    file: 'policy/text-walker.ts',
    find: 'if (first !== undefined && run.length > 1) {',
    replace: 'if (first !== undefined && run.length > 1000) {',
    suite: 'nothing-leaves',
    red: 'text in content, wherever it is cut',
  },
  {
    forgets: 'what a part holds beside another',
    file: 'policy/text-walker.ts',
    find: 'const clean = withFindings(whole, run, parts)',
    replace: 'const clean = whole',
    suite: 'nothing-leaves',
    red: 'what the text beside it hides in the whole is taken out all the same',
  },
  {
    forgets: 'other spellings',
    file: 'policy/fold-text.ts',
    find: "WIDE.test(text) || text.includes('\\\\')",
    replace: 'false',
    suite: 'nothing-leaves',
    red: 'name',
  },
  {
    forgets: 'escapes in the middle of a text',
    file: 'policy/fold-text.ts',
    find: "WIDE.test(text) || text.includes('\\\\')",
    replace: 'WIDE.test(text)',
    suite: 'nothing-leaves',
    red: 'error',
  },
  {
    forgets: 'tags that were one text in a list',
    file: 'policy/redaction.ts',
    find: 'const clean = walker.text(tag)',
    replace: 'const clean = tag',
    suite: 'every-way-out',
    red: 'local',
  },
  {
    forgets: 'what is inside an object under a telling key',
    file: 'policy/text-walker.ts',
    find: 'const hiddenBy = hidesBelow && isHiding(outerKey) ? outerKey : undefined',
    replace: 'const hiddenBy = undefined',
    suite: 'what-is-kept',
    red: 'everything under a telling key goes: an object',
  },
  {
    forgets: 'names beside values',
    file: 'policy/text-walker.ts',
    find: 'const named = hidesBelow ? nameOf(value) : undefined',
    replace: 'const named = undefined',
    suite: 'what-is-kept',
    red: 'a name beside its value counts like a key: names beside values',
  },
  {
    forgets: 'numbers',
    file: 'policy/text-walker.ts',
    find: 'return number(value, key)',
    replace: 'return value',
    suite: 'what-is-kept',
    red: 'numbers, unless they are cards or accounts',
  },
  {
    forgets: 'short numbers under a telling key',
    file: 'policy/redactor.ts',
    find: 'return this.#scrubber.hides(key)',
    replace: 'return false',
    suite: 'what-is-kept',
    red: 'numbers of any length go under a key that says what they are',
  },
  {
    forgets: 'texts on which a function fails',
    file: 'policy/redaction.ts',
    find: 'return REDACTION_FAILED',
    replace: 'return value',
    suite: 'what-is-kept',
    red: 'nothing of a text on which a function fails, ids by a pseudonym of their own',
  },
]

const WAYS: readonly Mutation[] = [
  {
    forgets: 'every trace',
    file: 'policy/policy.ts',
    find: 'redactTrace(trace, policy.redact)',
    replace: 'trace',
    suite: 'every-way-out',
    red: 'spool, and what the next process sends of it',
  },
  {
    forgets: 'traces of a replay file',
    file: 'client/client.ts',
    find: '[redactTrace(trace, this.#redaction)]',
    replace: '[trace]',
    suite: 'every-way-out',
    red: 'replay',
  },
  {
    forgets: 'feedback comment',
    file: 'policy/redaction.ts',
    find: "walker('comment').text(texts.comment)",
    replace: 'texts.comment',
    suite: 'every-way-out',
    red: 'to the service and an exporter',
  },
  {
    forgets: 'feedback metadata',
    file: 'policy/redaction.ts',
    find: "redactMetadata(texts.metadata, { walker: walker('metadata'), toId })",
    replace: 'texts.metadata',
    suite: 'every-way-out',
    red: 'to the service and an exporter',
  },
  {
    forgets: 'captured traces that debug prints',
    file: 'client/client.ts',
    find: 'this.#printTree(redactTrace(trace, this.#redaction))',
    replace: 'this.#printTree(trace)',
    suite: 'every-way-out',
    red: 'debug prints of captured traces',
  },
]

/** Every field, shape and way out, forgotten once. */
export const MUTATIONS: readonly Mutation[] = [...FIELDS, ...SHAPES, ...WAYS]
