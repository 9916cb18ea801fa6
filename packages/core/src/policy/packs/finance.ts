import { passesAba } from '../checksums.ts'
import { afterWords, type Detector, type Pack } from '../detector.ts'

/* ISO 3166-1, and Kosovo, which has a code of its own among banks. */
const COUNTRIES =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'

const countries: ReadonlySet<string> = new Set(COUNTRIES.split(' '))

/* Words in capitals have its form too; few have a country in the middle. */
const swift: Detector = {
  types: ['swift_bic'],
  pattern: /(?<![A-Za-z\d_])[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?(?![A-Za-z\d_])/g,
  locate: (_, match) =>
    countries.has(match[0].slice(4, 6))
      ? { start: match.index, end: match.index + match[0].length }
      : undefined,
}

const routingNumber: Detector = {
  types: ['routing_number'],
  pattern: /(?<![\d.-])\d{9}(?![\d-])/g,
  locate: (_, match) =>
    passesAba(match[0]) ? { start: match.index, end: match.index + 9 } : undefined,
}

const accountNumber = afterWords(
  'account_number',
  /(?<![a-z\d])(?:account|acct)(?:\.| number| no\.?| #)?[^\w\n]{1,4}(?=\d)/gi,
  /\d(?:[ -]?\d){5,16}(?!\d)/y,
)

/** Banks and accounts. */
export const financePack = (): Pack => ({
  detectors: [swift, routingNumber, accountNumber],
  keys: [
    { type: 'swift_bic', key: /^(?:swift|bic)(?:[ _-]?code)?$/i },
    { type: 'routing_number', key: /^(?:aba[ _-]?)?routing(?:[ _-]?number)?$/i },
    { type: 'account_number', key: /^(?:bank[ _-]?)?(?:account|acct)[ _-]?(?:number|no)$/i },
  ],
})
