import { afterWords, runEnd, type Detector, type Pack } from '../detector.ts'
import { credentials } from './credentials.ts'

/*
 * Keys that say by their beginning whose they are, with the least that follows it. The rest is found by running on, so
 * that a hit which is none costs no more than its least length.
 */
const PREFIXED: readonly (readonly [type: string, form: string])[] = [
  ['aws_access_key', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'],
  ['gcp_key', 'AIza[\\w-]{35}|GOCSPX-[\\w-]{20}|ya29\\.[\\w-]{20}'],
  ['github_token', 'gh[pousr]_[A-Za-z0-9]{30}|github_pat_\\w{22}'],
  ['gitlab_token', 'gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-[\\w-]{16}'],
  ['bitbucket_token', 'ATBB\\w{20}|ATATT3[\\w-]{20}'],
  ['package_token', 'npm_[A-Za-z0-9]{30}|pypi-[\\w-]{30}|rubygems_[0-9a-f]{40}'],
  ['slack_token', 'xox[abeoprs]-[\\w-]{10}|xapp-[\\w-]{20}'],
  ['stripe_key', '[rs]k_(?:live|test)_\\w{10}|whsec_\\w{20}'],
  [
    'model_provider_key',
    'sk-[\\w-]{20}|hf_[A-Za-z]{30}|[cg]sk[-_]\\w{20}|xai-\\w{20}|r8_\\w{30}|pplx-\\w{20}|fw_\\w{20}|nvapi-[\\w-]{20}|tgp_v1_[\\w-]{20}|tvly-[\\w-]{16}|pcsk_\\w{20}|sk_[0-9a-f]{48}|lsv2_[ps][tk]_\\w{20}',
  ],
  ['trulayer_key', 'tl_\\w{16}'],
  [
    'token',
    'SG\\.[\\w-]{16,32}\\.[\\w-]{16}|SK[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{32}|dapi[0-9a-f]{32}|hv[bs]\\.[\\w-]{20}|lin_api_\\w{20}|sbp_[0-9a-f]{32}|tskey-[\\w-]{16}|dckr_pat_[\\w-]{20}|ntn_\\w{20}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|sntrys_\\w{20}|glsa_\\w{20}|AGE-SECRET-KEY-1[A-Z0-9]{20}',
  ],
]

const REST = /[\w-]*/y
/* Escapes of JSON and of addresses end in letters and digits, and what follows them begins a word all the same. */
const ESCAPE_BEFORE = /(?:\\[bf]|%[\da-f]{2})$/i

const prefixed: Detector = {
  types: PREFIXED.map(([type]) => type),
  pattern: new RegExp(PREFIXED.map(([, form]) => `(${form})`).join('|'), 'g'),
  locate: (text, match) => {
    const start = match.index
    return /[A-Za-z0-9]/.test(text[start - 1] ?? '') &&
      !ESCAPE_BEFORE.test(text.slice(Math.max(0, start - 3), start))
      ? undefined
      : { start, end: runEnd(text, start + match[0].length, REST) }
  },
}

const PEM_END = /-----END [A-Z\d ]{0,40}-----/y

/* Up to its end, which may lie in another escape of line breaks, or to the end of what there is of it. */
const pem: Detector = {
  types: ['private_key'],
  pattern: /-----BEGIN [A-Z\d ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g,
  locate: (text, match) => {
    const dashes = text.indexOf('-----', match.index + match[0].length)
    return {
      start: match.index,
      end: dashes < 0 ? text.length : runEnd(text, dashes, PEM_END),
    }
  },
}

const NAMES =
  'pass(?:word|wd|phrase|code)|secret|api[_-]?key|private[_-]?key(?:[_-]?id)?|(?:access|account|secret|signing|encryption|master)[_-]?key|(?:access|refresh|auth|secret|private|session|bearer|(?<![a-z])id)[_-]?token'

/* `password=…`, `"client_secret": "…"`, `AccountKey=…;`. */
const assigned = afterWords(
  'secret',
  new RegExp(
    `(?:${NAMES})["'\\\\]{0,4}\\s{0,3}(?:=>|[:=])\\s{0,3}["'\\\\]{0,4}(?=[^\\s"'\\\\,;&<>(){}[\\]]{6})`,
    'gi',
  ),
  /[^\s"'\\,;&<>(){}[\]]+/y,
  (value) => value.length >= 16 || /\d/.test(value),
)

/* `https://user:password@host`. */
const inAddress: Detector = {
  types: ['url_credentials'],
  pattern: /:\/\/[^\s/:@"']{0,100}:[^\s/@"']{1,200}@/g,
  locate: (_, match) => ({
    start: match.index + 3,
    end: match.index + match[0].length - 1,
  }),
}

const azure: Detector = {
  types: ['azure_secret'],
  pattern:
    /(?<![\w~.-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w~.-])|(?<=[?&;]sig=)[\w%+/]{40,100}={0,2}/g,
}

/** Keys of clouds, code hosts and model providers, private keys, passwords that are called so. */
export const secretsPack = (): Pack => ({
  detectors: [prefixed, pem, ...credentials, azure, inAddress, assigned],
  keys: [
    {
      type: 'secret',
      key: new RegExp(`(?:${NAMES}|passwords|secrets|api[_-]?keys|authorization|cookie)$`, 'i'),
    },
  ],
})
