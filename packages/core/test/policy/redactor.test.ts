import { createHash, createHmac } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { Redactor, type RedactionPack } from '../../src/index.ts'
import { hmacSha256, sha256 } from '../../src/policy/sha256.ts'
import { SECRETS } from './secrets.ts'

const ALL: readonly RedactionPack[] = ['secrets', 'standard', 'strict', 'phi', 'finance']

describe('what the packs find', () => {
  test.each(SECRETS)('$pack: $type $text', ({ pack, type, text, secret = text }) => {
    const clean = new Redactor({ packs: [pack] }).redact(`It is ${text}, they said.`)
    expect(clean).toContain(`<REDACTED:${type}>`)
    expect(clean).not.toContain(secret)
    expect(clean.startsWith('It is ')).toBe(true)
    expect(clean.endsWith(', they said.')).toBe(true)
  })

  test.each(SECRETS)('all packs together: $type $text', ({ text, secret = text }) => {
    const redactor = new Redactor({ packs: ALL })
    const clean = redactor.redact(`Before ${text}\nafter`)
    expect(clean).not.toContain(secret)
    expect(redactor.redact(clean)).toBe(clean)
  })
})

test.each([
  'The order 4711 of 2026-11-22 left at 14:05:09 and costs 1,249.00 EUR.',
  'commit d667b10f8c2e4a6b9d0e1f2a3b4c5d6e7f809182 of task-management-system-for-the-team',
  '0190f5fe-7c00-7a00-8080-000000000000',
  'Basic understanding, bearer of good news, basic telecommunications.',
  'The password is required. secret: no',
  'std::vector and a:b, 12:30:45, version 1.2.3, @scope/package@1.2.3',
  '{"usage":{"prompt_tokens":123456,"total_tokens":1234567}}',
  'risk-adjusted-return-on-capital-employed, disk-usage-of-the-whole-machine',
  '4111 1111 1111 1112 and GB29NWBK60161331926810',
  'eyJ is the beginning of eyJhbGciOiJIUzI1NiJ9 alone',
])('leaves what is none: %s', (text) => {
  expect(new Redactor({ packs: ['secrets', 'standard', 'strict'] }).redact(text)).toBe(text)
})

describe('texts that are not plain', () => {
  const redactor = new Redactor({ packs: ['secrets', 'strict'] })

  test.each([
    ['full-width', 'mail ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ!', 'mail <REDACTED:email>!'],
    [
      'invisible marks',
      'key sk-proj-\u200babcdefghijklmnop\u00ad12345.',
      'key <REDACTED:model_provider_key>.',
    ],
    ['odd spaces and dashes', 'card 4111\u00a01111\u20111111\u20111111.', undefined],
    ['no-break spaces', 'card 4111\u00a01111\u00a01111\u00a01111.', 'card <REDACTED:credit_card>.'],
    ['digits of another script', 'card ٤١١١١١١١١١١١١١١١.', 'card <REDACTED:credit_card>.'],
    ['mathematical letters', 'to 𝐚𝐧𝐧𝐚@example.com', 'to <REDACTED:email>'],
    ['letters of another script', 'an 用户@例子.公司 geschickt', 'an <REDACTED:email> geschickt'],
    ['emoji beside', '😀anna@example.com😀', '😀<REDACTED:email>😀'],
    [
      'after an escape',
      'line\\nghp_abcdefghijklmnopqrstuvwxyz0123456789',
      'line\\n<REDACTED:github_token>',
    ],
    [
      'in an address',
      'https://x.test/?u=anna%40example.com&k=1',
      'https://x.test/?u=<REDACTED:email>&k=1',
    ],
    ['percent-encoded', 'key%3DAKIAIOSFODNN7EXAMPLE', 'key%3D<REDACTED:aws_access_key>'],
  ])('%s', (_, text, clean) => {
    const answer = redactor.redact(text)
    expect(answer).toBe(clean ?? answer)
    expect(clean === undefined ? answer : '').not.toContain('1111')
  })

  test('what overlaps becomes one mark, under the name of the longest', () => {
    expect(redactor.redact('https://anna:hunter2@example.com/x')).toBe('https://<REDACTED:email>/x')
    expect(redactor.redact('api_key=sk-proj-abcdefghijklmnopqrst')).toBe(
      'api_key=<REDACTED:model_provider_key>',
    )
  })

  test('a card in a list of groups of four is found wherever it begins', () => {
    expect(redactor.redact('2024 4111 1111 1111 1111')).toBe('2024 <REDACTED:credit_card>')
    expect(redactor.redact('1234 5678 9012 5555 5555 5555 4444')).toBe(
      '1234 5678 9012 <REDACTED:credit_card>',
    )
  })
})

describe('rules of your own', () => {
  test('are added to the packs, with marks, replacements and validators', () => {
    const redactor = new Redactor({
      rules: [
        { name: 'employee', pattern: /EMP-(\d{6})/ },
        { name: 'order', pattern: 'ORD-\\d+', replacement: '[order]' },
        { name: 'even', pattern: /\b\d{3}\b/g, validator: (match) => Number(match) % 2 === 0 },
      ],
    })
    expect(redactor.redact('EMP-123456 ORD-9 122 123 AKIAIOSFODNN7EXAMPLE')).toBe(
      '<REDACTED:employee> [order] <REDACTED:even> 123 <REDACTED:aws_access_key>',
    )
  })

  test('may come from another realm, as in a test with jsdom', () => {
    const pattern: unknown = runInNewContext('/EMP-[0-9]{6}/i')
    const redactor: Redactor = Reflect.construct(Redactor, [
      { rules: [{ name: 'employee', pattern }] },
    ])
    expect(redactor.redact('emp-123456')).toBe('<REDACTED:employee>')
  })

  test('a pattern that matches nothing at all ends', () => {
    expect(new Redactor({ rules: [{ name: 'x', pattern: /x*/ }] }).redact('axxb')).toBe(
      'a<REDACTED:x>b',
    )
  })
})

describe('the pack secrets', () => {
  const KEY = 'AKIAIOSFODNN7EXAMPLE'
  const NAMES: readonly RedactionPack[] = ['standard', 'strict', 'phi', 'finance']

  test.each([undefined, [], ...NAMES.map((name) => [name]), ['secrets' as const]])(
    'is included whatever other packs are asked for: %j',
    (packs) => {
      const rules = [{ name: 'employee', pattern: /EMP-\d{6}/ }]
      expect(new Redactor({ packs, rules }).redact(`${KEY} EMP-123456`)).toBe(
        '<REDACTED:aws_access_key> <REDACTED:employee>',
      )
      expect(new Redactor({ packs }).hides('password')).toBe(true)
    },
  )

  test('is left out when it is named', () => {
    const redactor = new Redactor({ packs: ['standard'], exclude: ['secrets'] })
    expect(redactor.redact(`${KEY} of anna@example.com`)).toBe(`${KEY} of <REDACTED:email>`)
    expect(redactor.hides('password')).toBe(false)
  })
})

test.each([
  [
    { packs: 'strict' },
    "option `packs` of Redactor must be a list of redaction packs, not 'strict'.",
  ],
  [
    { packs: [/x/] },
    'option `packs` of Redactor must be a list of redaction packs, not this list.',
  ],
  [
    { packs: ['none'] },
    "there is no redaction pack 'none'; there are secrets, standard, strict, phi, finance.",
  ],
  [{ pack: ['strict'] }, 'Redactor has no option `pack`. Did you mean `packs`?'],
  [
    { exclude: ['phi'] },
    "option `exclude` of Redactor must be the list ['secrets'], since no other pack is included by default, not this list.",
  ],
  [
    { exclude: 'secrets' },
    "option `exclude` of Redactor must be the list ['secrets'], since no other pack is included by default, not 'secrets'.",
  ],
  [
    { packs: ['secrets'], exclude: ['secrets'] },
    "the redaction pack 'secrets' is both in `packs` and in `exclude`.",
  ],
  [
    { rules: {} },
    'option `rules` of Redactor must be a list of rules, each `{ name, pattern }`, not object.',
  ],
  [{ rules: [/x/] }, 'a redaction rule needs a `name` and a `pattern`'],
  [{ rules: ['x'] }, 'the options of a redaction rule must be an object, not string.'],
  [{ rules: [{ pattern: /x/ }] }, 'a redaction rule needs a `name` and a `pattern`'],
  [{ rules: [{ name: 'x' }] }, 'a redaction rule needs a `name` and a `pattern`'],
  [
    { rules: [{ name: '', pattern: /x/ }] },
    "option `name` of a redaction rule must be a string that is not empty, not ''.",
  ],
  [
    { rules: [{ name: 'x', pattern: 5 }] },
    'option `pattern` of a redaction rule must be a string or a RegExp, not 5.',
  ],
  [
    { rules: [{ name: 'x', pattern: '(' }] },
    "the pattern of the redaction rule 'x' is not a valid regular expression.",
  ],
  [
    { rules: [{ name: 'x', pattern: 'x', replace: '' }] },
    'a redaction rule has no option `replace`. Did you mean `replacement`?',
  ],
  [
    { rules: [{ name: 'x', pattern: 'x', validator: async () => true }] },
    'option `validator` of a redaction rule must be a function, not an async function.',
  ],
  [{ salt: 5 }, 'option `salt` of Redactor must be a string, not 5.'],
  ['strict', 'the options of Redactor must be an object, not string.'],
])('a mistake in the options throws at once: %j', (options, message) => {
  const construct = (): Redactor => Reflect.construct(Redactor, [options])
  expect(construct).toThrow(message)
  expect(construct).toThrow(expect.objectContaining({ code: 'invalid-option' }))
})

describe('pseudonyms', () => {
  const one = new Redactor({ packs: ['standard'], salt: 'key' })

  test('tell equal secrets from others, by the key', () => {
    const [first, second, third] = one.redact('a@b.co a@b.co c@d.co').split(' ')
    expect(first).toMatch(/^<REDACTED:email:[a-p]{12}>$/)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect(new Redactor({ packs: ['standard'], salt: 'other' }).redact('a@b.co')).not.toBe(first)
    expect(one.redact(one.redact('a@b.co'))).toBe(one.redact('a@b.co'))
  })

  test('of ids are an HMAC-SHA-256 in letters, which other programs can make too', () => {
    const digest = createHmac('sha256', 'key').update('anna@example.com').digest('hex')
    const letters = Array.from(digest.slice(0, 32), (digit) =>
      String.fromCharCode(97 + Number.parseInt(digit, 16)),
    )
    expect(one.pseudonym('anna@example.com')).toBe(`psn_${letters.join('')}`)
  })

  test('without a key are the same in this process', () => {
    const [first, second] = [new Redactor(), new Redactor()]
    expect(first.pseudonym('u')).toBe(second.pseudonym('u'))
    expect(first.pseudonym('u')).not.toBe(first.pseudonym('v'))
  })
})

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])(
  'SHA-256 of %d bytes is the standard one',
  (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7)
    expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    )
    expect(Buffer.from(hmacSha256(bytes, bytes)).toString('hex')).toBe(
      createHmac('sha256', bytes).update(bytes).digest('hex'),
    )
  },
)
