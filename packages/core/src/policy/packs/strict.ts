import { passesLuhn, passesMod97 } from '../checksums.ts'
import type { Detector, Pack } from '../detector.ts'
import { standardPack } from './standard.ts'

/* In one run, or as American Express and Diners print them. */
const card: Detector = {
  types: ['credit_card'],
  pattern: /(?<!\d)(?:3\d{3}[ .-]\d{6}[ .-]\d{4,5}|[2-6]\d{12,18})(?!\d)/g,
  locate: (_, match) =>
    passesLuhn(match[0]) ? { start: match.index, end: match.index + match[0].length } : undefined,
}

const GROUP = 5

/* In fours. A list of such groups may hold one anywhere, so each group is weighed once and four of them are added up. */
const cardInFours: Detector = {
  types: ['credit_card'],
  pattern: /(?<!\d)(?:\d{4}[ .-]){3,}\d{4}(?!\d)/g,
  locate: (_, match) => {
    const [digits] = match
    const weights: number[] = []
    for (let at = 0; at < digits.length; at += GROUP) {
      weights.push(weightOf(digits, at))
      const [one = 0, two = 0, three = 0, four = 0] = weights.slice(-4)
      const first = at - 3 * GROUP
      if (
        weights.length >= 4 &&
        (one + two + three + four) % 10 === 0 &&
        /[2-6]/.test(digits[first] ?? '')
      ) {
        return { start: match.index + first, end: match.index + at + 4 }
      }
    }
    const end = match.index + digits.length
    return { start: end, end }
  },
}

/* The share of four digits in the sum of Luhn, where they stand an even number of digits from the end. */
function weightOf(digits: string, at: number): number {
  let weight = 0
  for (let index = 0; index < 4; index += 1) {
    const digit = digits.charCodeAt(at + index) - 0x30
    weight += index % 2 === 1 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
  }
  return weight
}

/* The registry of IBANs: each country and how long its numbers are. */
const IBAN_LENGTHS =
  'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30'

let lengths: ReadonlyMap<string, number> | undefined

function ibanLengths(): ReadonlyMap<string, number> {
  lengths ??= new Map(
    Array.from(IBAN_LENGTHS.matchAll(/([A-Z]{2})(\d{2})/g), ([, country = '', length]) => [
      country,
      Number(length),
    ]),
  )
  return lengths
}

const LONGEST_IBAN = 34

/* What follows an IBAN may look like more of it, so its length is known by its country. */
const iban: Detector = {
  types: ['iban'],
  pattern: /(?<![a-z\d])[a-z]{2}\d{2}(?=[ -]?[a-z\d]{2})/gi,
  locate: (text, match) => {
    const wanted = ibanLengths().get(match[0].slice(0, 2).toUpperCase()) ?? 0
    const most = Math.min(text.length, match.index + 2 * LONGEST_IBAN)
    let count = 0
    let end = match.index
    for (; count < wanted && end < most; end += 1) {
      const unit = text.charCodeAt(end)
      if (isAlphanumeric(unit)) {
        count += 1
      } else if (unit !== 0x20 && unit !== 0x2d) {
        break
      }
    }
    return count > 0 && count === wanted && passesMod97(text.slice(match.index, end))
      ? { start: match.index, end }
      : undefined
  },
}

function isAlphanumeric(unit: number): boolean {
  const letter = unit | 0x20
  return (unit >= 0x30 && unit <= 0x39) || (letter >= 0x61 && letter <= 0x7a)
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'

const ipv4: Detector = {
  types: ['ipv4'],
  pattern: new RegExp(`(?<![\\d.])${OCTET}(?:\\.${OCTET}){3}(?!\\d|\\.\\d)`, 'g'),
}

const ipv6: Detector = {
  types: ['ipv6'],
  pattern:
    /(?<![\w:.])(?:[\da-f]{1,4}:|::)[\da-f:]{1,34}(?:(?<=:\d{1,3})(?:\.\d{1,3}){3})?(?![\w:])/gi,
  locate: (_, match) =>
    isIpv6(match[0]) ? { start: match.index, end: match.index + match[0].length } : undefined,
}

/* Eight groups, of which one gap stands for any number of zeros; the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  let groups = 0
  let gaps = 0
  let length = 0
  let hasDigit = false
  const colons = text.lastIndexOf(':')
  for (let index = 0; index <= colons; index += 1) {
    if (text[index] === ':') {
      groups += length > 0 ? 1 : 0
      gaps += length === 0 && index > 0 ? 1 : 0
      length = 0
    } else {
      length += 1
      hasDigit ||= text.charCodeAt(index) <= 0x39
    }
    if (length > 4 || gaps > 1) {
      return false
    }
  }
  const last = text.slice(colons + 1)
  groups += last.includes('.') ? 2 : last === '' ? 0 : 1
  // Paths of some languages look like it, but for the digits: `abc::def`.
  return (
    (gaps === 1 ? groups > 0 && groups < 8 : groups === 8) &&
    (last.includes('.') || last.length <= 4) &&
    (hasDigit || /\d/.test(last) || groups > 2)
  )
}

/** The standard pack, and what leads to a person or an account by a number. */
export const strictPack = (): Pack => {
  const { detectors, keys = [] } = standardPack()
  return {
    detectors: [...detectors, card, cardInFours, iban, ipv4, ipv6],
    keys: [
      ...keys,
      { type: 'credit_card', key: /^(?:(?:credit[ _-]?)?card[ _-]?(?:number|no)|cvc|cvv2?)$/i },
    ],
  }
}
