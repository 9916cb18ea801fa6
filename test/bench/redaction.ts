/*
 * What redaction costs: each detector on 1 MB of text written against it, at two sizes so that growth shows, and each set
 * of packs on ordinary text. Prints numbers and, with --check, fails on what grows faster than the text.
 *
 *   npm run bench:redaction
 */
import { Redactor, type RedactionPack } from '@trulayer/core'

const MEGABYTE = 1_000_000
const RUNS = 3

/* The beginnings and the middles of what is looked for, over and over, and never its end. */
const HOSTILE: Readonly<Record<string, string>> = {
  letters: 'a',
  capitals: 'A',
  digits: '1',
  zeros: '0',
  spaces: ' ',
  dots: 'a.',
  dashes: 'a-',
  'words of one letter': 'a ',
  'capitals of one letter': 'A ',
  'digits and spaces': '1 ',
  'digits and dashes': '1-',
  'digits and dots': '1.',
  'four digits': '4111 ',
  'four digits, dashes': '4111-',
  'nine digits': '123456789 ',
  'at signs': '@',
  'addresses without an end': 'a@a',
  'addresses with a number': 'a@a.1',
  'percent-encoded at signs': 'a%40a.',
  'percent-encoded addresses': 'a%40a.bc',
  'quoted local parts': '"@a.bc',
  'headers of tokens': 'eyJ',
  'payloads of tokens': '.eyJ',
  'payloads of tokens, long': '.eyJaaaaaaaa',
  bearers: 'bearer ',
  'bearers with short words': 'bearer aaaaaaaa ',
  'prefixes sk-': 'sk-',
  'prefixes inside words': 'ask-aaaaaaaaaaaaaaaaaaaaa',
  'prefixes gh': 'ghp_',
  'prefixes AKIA': 'AKIA',
  'prefixes xox': 'xoxb-',
  'prefixes hvs': 'hvs.',
  'prefixes SG': 'SG.aaaaaaaaaaaaaaaaa',
  'private keys without an end': '-----BEGIN PRIVATE KEY-----',
  'beginnings of private keys': '-----BEGIN AAAAAAAAAA ',
  'passwords without a value': 'password=',
  'passwords with a short value': 'password: aaaaaa ',
  'quotes after passwords': 'password"""" = ',
  'addresses with credentials': '://a:',
  'addresses with credentials, long': `://${'a'.repeat(99)}:`,
  'azure secrets': 'aaa1Q~',
  signatures: '&sig=aaaa',
  'plus signs': '+1',
  'plus signs and brackets': '+1 (((',
  'trunk zeros': '01 ',
  'trunk zeros and dots': '01.1.',
  'north america': '415-555-',
  'social security': 'ssn: ',
  'ssn digits': '123-45-',
  'record numbers': 'mrn: ',
  'record numbers with digits': 'mrn 123 ',
  patients: 'patient record ',
  diagnoses: 'A10.',
  'named diagnoses': 'dx A1',
  births: 'born on ',
  'births with months': 'born 1 january ',
  countries: 'DE89 ',
  'countries, run on': 'DE89',
  swift: 'DEUTDEFF',
  'swift, apart': 'DEUTXXFF ',
  accounts: 'account number ',
  colons: ':',
  'hex and colons': 'a:',
  'hex and colons, eight': 'a:a:a:a:a:a:a:a:a ',
  octets: '255.',
  'octets, five': '1.2.3.4.5 ',
  'wide forms': '４',
  'invisible marks': 'a\u200b',
  'mathematical digits': '\u{1d7ce}',
  'digits of many scripts': '٣३৩',
  'letters of a wide script': '語',
  'nested JSON': '[',
  quotes: '["\\"',
}

const ORDINARY = `The customer asked where order 4711 was. I looked it up with getOrder({"orderId":"4711"}) and the
carrier says that it left the depot on Tuesday at 14:05, so it should arrive within two days. Total: 1,249.00 EUR.
`

function timeOf(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run += 1) {
    // Time of the processor and not of the clock: other programs run beside this one.
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

function fill(piece: string, size: number): string {
  return piece.repeat(Math.ceil(size / piece.length)).slice(0, size)
}

const packs: readonly RedactionPack[] = ['secrets', 'standard', 'strict', 'phi', 'finance']
const limit = 50
let failures = 0

console.log(`1 MB written against the patterns, milliseconds (and growth from half of it):`)
console.log(['', ...packs].map((name) => name.padStart(18)).join(''))
for (const [name, piece] of Object.entries(HOSTILE)) {
  const whole = fill(piece, MEGABYTE)
  const half = fill(piece, MEGABYTE / 2)
  const cells = packs.map((pack) => {
    const redactor = new Redactor({ packs: [pack] })
    redactor.redact(half)
    const time = timeOf(() => redactor.redact(whole))
    const growth = time / timeOf(() => redactor.redact(half))
    const isSlow = time > limit || (growth > 3 && time > 5)
    failures += isSlow ? 1 : 0
    return `${time.toFixed(1)} (×${growth.toFixed(1)})${isSlow ? ' !' : ''}`.padStart(18)
  })
  console.log(name.padEnd(34) + cells.join(''))
}

console.log('\nOrdinary text, microseconds a KB:')
const ordinary = fill(ORDINARY, 100_000)
const sets: readonly (readonly [string, readonly RedactionPack[]])[] = [
  ['none', []],
  ['secrets (the default)', ['secrets']],
  ['all', packs],
]
for (const [name, names] of sets) {
  const redactor = new Redactor({ packs: names })
  redactor.redact(ordinary)
  const time = timeOf(() => redactor.redact(ordinary))
  console.log(`${name.padEnd(24)}${(time * 10).toFixed(2)}`)
}

if (process.argv.includes('--check') && failures > 0) {
  console.log(`\n${failures} too slow.`)
  process.exitCode = 1
}
