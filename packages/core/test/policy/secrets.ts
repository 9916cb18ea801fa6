import type { RedactionPack } from '../../src/index.ts'

/** A secret as a text may hold it, none of them real. */
export interface PlantedSecret {
  readonly pack: RedactionPack
  readonly type: string
  /** What is written. */
  readonly text: string
  /** What of it must not leave, where a word in front of it may. */
  readonly secret?: string
}

/* Put together here, so that no scanner takes this file for a leak. */
const key = (prefix: string, rest: string): string => `${prefix}${rest}`
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const HEX = '0123456789abcdef0123456789abcdef'

const JWT = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"1234567890"}').toString('base64url')}.c2lnbmF0dXJlLW9mLWl0`
const PEM_BODY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
const pem = (edge: string): string => key(`-----${edge} `, 'PRIVATE KEY-----')

/** What stands in a file with a private key. */
export const PEM = `${pem('BEGIN')}\n${PEM_BODY}\n${pem('END')}`

const secrets: readonly Omit<PlantedSecret, 'pack'>[] = [
  { type: 'aws_access_key', text: key('AKIA', 'IOSFODNN7EXAMPLE') },
  { type: 'aws_access_key', text: key('ASIA', UPPER.slice(0, 16)) },
  { type: 'gcp_key', text: key('AIza', `Sy${ALPHABET.slice(0, 33)}`) },
  { type: 'gcp_key', text: key('GOCSPX-', ALPHABET.slice(0, 28)) },
  { type: 'gcp_key', text: key('ya29.', ALPHABET) },
  { type: 'github_token', text: key('ghp_', ALPHABET) },
  { type: 'github_token', text: key('ghs_', ALPHABET) },
  { type: 'github_token', text: key('github_pat_', ALPHABET) },
  { type: 'gitlab_token', text: key('glpat-', ALPHABET.slice(0, 20)) },
  { type: 'bitbucket_token', text: key('ATBB', ALPHABET) },
  { type: 'package_token', text: key('npm_', ALPHABET) },
  { type: 'package_token', text: key('pypi-', ALPHABET) },
  { type: 'slack_token', text: key('xoxb-', '123456789012-abcdefghijkl') },
  { type: 'stripe_key', text: key('sk_live_', ALPHABET.slice(0, 24)) },
  { type: 'model_provider_key', text: key('sk-proj-', ALPHABET) },
  { type: 'model_provider_key', text: key('sk-ant-api03-', ALPHABET) },
  { type: 'model_provider_key', text: key('sk-or-v1-', HEX) },
  { type: 'model_provider_key', text: key('hf_', 'abcdefghijklmnopqrstuvwxyzABCDEFGH') },
  { type: 'model_provider_key', text: key('gsk_', ALPHABET) },
  { type: 'model_provider_key', text: key('xai-', ALPHABET) },
  { type: 'model_provider_key', text: key('lsv2_pt_', HEX) },
  { type: 'trulayer_key', text: key('tl_', ALPHABET) },
  { type: 'token', text: key('SG.', `${ALPHABET.slice(0, 22)}.${ALPHABET}`) },
  { type: 'token', text: key('dop_v1_', HEX + HEX) },
  { type: 'token', text: key('hvs.', ALPHABET) },
  { type: 'private_key', text: PEM, secret: PEM_BODY },
  { type: 'private_key', text: JSON.stringify(PEM).slice(1, -1), secret: PEM_BODY },
  { type: 'secret', text: `"private_key_id": "${HEX}"`, secret: HEX },
  { type: 'secret', text: 'password=correct7horse', secret: 'correct7horse' },
  {
    type: 'secret',
    text: 'AWS_SECRET_ACCESS_KEY = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  { type: 'secret', text: `AccountKey=${ALPHABET}${ALPHABET}==`, secret: ALPHABET },
  {
    type: 'azure_secret',
    text: `abc8Q~${ALPHABET.slice(0, 34)}`,
    secret: `8Q~${ALPHABET.slice(0, 34)}`,
  },
  { type: 'url_credentials', text: 'postgres://app:s3cr3tpass@db/main', secret: 's3cr3tpass' },
  { type: 'bearer_token', text: `Authorization: Bearer ${ALPHABET}`, secret: ALPHABET },
  { type: 'jwt', text: JWT },
]

const standard: readonly Omit<PlantedSecret, 'pack'>[] = [
  { type: 'email', text: 'anna.schmidt+tag@mail.example.co.uk' },
  { type: 'email', text: "o'brien@example.museum" },
  { type: 'email', text: 'jürgen@müller.example' },
  { type: 'email', text: '"anna b"@example.com' },
  { type: 'phone', text: '+49 30 901820' },
  { type: 'phone', text: '+15555550142' },
  { type: 'phone', text: '(415) 555-0142' },
  { type: 'phone', text: '415-555-0142' },
  { type: 'phone', text: '1-415-555-0142' },
  { type: 'phone', text: '06 12 34 56 78' },
  { type: 'phone', text: '020 7946 0958' },
  { type: 'ssn', text: '123-45-6789' },
  { type: 'ssn', text: 'SSN: 123456789', secret: '123456789' },
  { type: 'bearer_token', text: `bearer ${HEX}`, secret: HEX },
  { type: 'jwt', text: JWT },
]

const strict: readonly Omit<PlantedSecret, 'pack'>[] = [
  { type: 'credit_card', text: '4111111111111111' },
  { type: 'credit_card', text: '5555 5555 5555 4444' },
  { type: 'credit_card', text: '4111-1111-1111-1111' },
  { type: 'credit_card', text: '3782 822463 10005' },
  { type: 'credit_card', text: '6011111111111117' },
  { type: 'iban', text: 'DE89 3704 0044 0532 0130 00' },
  { type: 'iban', text: 'GB29NWBK60161331926819' },
  { type: 'iban', text: 'fr1420041010050500013m02606' },
  { type: 'ipv4', text: '203.0.113.42' },
  { type: 'ipv6', text: '2001:db8:85a3::8a2e:370:7334' },
  { type: 'ipv6', text: '2001:0db8:85a3:0000:0000:8a2e:0370:7334' },
  { type: 'ipv6', text: '::1' },
  { type: 'email', text: 'anna@example.com' },
]

const phi: readonly Omit<PlantedSecret, 'pack'>[] = [
  { type: 'mrn', text: 'MRN: 00123456', secret: '00123456' },
  { type: 'mrn', text: 'patient id #AB-778899', secret: 'AB-778899' },
  { type: 'mrn', text: 'NHS number 943 476 5919', secret: '943 476 5919' },
  { type: 'icd10', text: 'E11.9' },
  { type: 'icd10', text: 'S72.001A' },
  { type: 'icd10', text: 'diagnosis: F32', secret: 'F32' },
  { type: 'dob', text: 'DOB: 1980-02-29', secret: '1980-02-29' },
  { type: 'dob', text: 'born on 3 March 1975', secret: '3 March 1975' },
  { type: 'dob', text: 'date of birth 02/29/1980', secret: '02/29/1980' },
  { type: 'dob', text: 'birthday: March 3, 1975', secret: 'March 3, 1975' },
]

const finance: readonly Omit<PlantedSecret, 'pack'>[] = [
  { type: 'swift_bic', text: 'DEUTDEFF500' },
  { type: 'swift_bic', text: 'CHASUS33' },
  { type: 'routing_number', text: '021000021' },
  { type: 'routing_number', text: '122105155' },
  { type: 'account_number', text: 'account number 000123456789', secret: '000123456789' },
]

/** Secrets of every pack. */
export const SECRETS: readonly PlantedSecret[] = Object.entries({
  secrets,
  standard,
  strict,
  phi,
  finance,
}).flatMap(([pack, planted]) => planted.map((one) => ({ ...one, pack: pack as RedactionPack })))
