import { afterWords, type Detector, type Pack } from '../detector.ts'

/* Four digits at least, since what follows the words may be a word. */
const recordNumber = afterWords(
  'mrn',
  /(?<![a-z\d])(?:mrn|(?:medical|health|patient) record(?: number| no\.?| #)?|(?:patient|chart|member|beneficiary) (?:id|number|no\.?|#)|nhs(?: number| no\.?)?)(?:[^\w\n]{1,4}|[^\w\n]{0,4}(?:is|was)[^\w\n]{1,3})/gi,
  /(?:[a-z]{1,4}-?)?\d{1,12}(?:[ -]\d{1,6}){0,4}(?:-?[a-z]{1,2}(?![a-z]))?/iy,
  (value) => value.replaceAll(/\D/g, '').length >= 4,
)

/* With its point anywhere; without one it is also the name of a vitamin or a motorway, and needs a word in front. */
const diagnosis: Detector = {
  types: ['icd10'],
  pattern: /(?<![A-Za-z\d.-])[A-TV-Z]\d[\dAB]\.[\dA-TV-Z]{1,4}(?![A-Za-z\d])/g,
}

const namedDiagnosis = afterWords(
  'icd10',
  /(?<![a-z\d])(?:icd(?:-?10)?(?:-cm)?(?: code)?|diagnos[ei]s(?: code)?|dx)[^\w\n]{1,4}(?=[a-tv-z]\d[\dab])/gi,
  /[a-tv-z]\d[\dab](?:\.?[\da-tv-z]{1,4})?(?![a-z\d])/iy,
)

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}'

/* A date alone is no birth date. */
const birthDate = afterWords(
  'dob',
  /(?<![a-z\d])(?:dob|d\.o\.b\.?|date[ _]of[ _]birth|birth[ _-]?da(?:te|y)|born(?: on)?)(?:[^\w\n]{1,5}|[^\w\n]{0,4}(?:is|was)[^\w\n]{1,3})/gi,
  new RegExp(
    `\\d{1,4}[-/.] ?\\d{1,2}[-/.] ?\\d{1,4}|\\d{1,2}(?:st|nd|rd|th)?[ .-]{1,2}(?:of )?${MONTH}[ .,-]{1,3}\\d{2,4}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? {1,2}\\d{2,4}|\\d{8}`,
    'iy',
  ),
)

/** Health records. */
export const phiPack = (): Pack => ({
  detectors: [recordNumber, diagnosis, namedDiagnosis, birthDate],
  keys: [
    {
      type: 'mrn',
      key: /^(?:mrn|nhs|(?:nhs|(?:medical|health|patient)[ _-]?record|patient|chart|member|beneficiary)[ _-]?(?:number|no|id))$/i,
    },
    { type: 'icd10', key: /^(?:icd[ _-]?10(?:[ _-]?code)?|diagnos[ei]s(?:[ _-]?code)?)$/i },
    { type: 'dob', key: /^(?:dob|date[ _-]?of[ _-]?birth|birth[ _-]?(?:date|day))$/i },
  ],
})
